import { element } from './element.ts'
import { hideNotice, showNotice } from './notice.ts'

/** Has a file input, and the label around it as a place to drop files, call back with what was chosen: one at least. */
export function acceptFiles(place: HTMLElement, onFiles: OnFiles): void {
  const input = place.querySelector('input')
  input?.addEventListener('change', () => {
    take([...(input.files ?? [])], onFiles)
    // The same file can be chosen again after it was mended.
    input.value = ''
  })
  acceptDrops(place, place, onFiles)
}

/** What is done with files, one at least. */
type OnFiles = (files: readonly File[]) => void

function take(files: readonly File[], onFiles: OnFiles): void {
  if (files.length === 0) return
  hideNotice()
  onFiles(files)
}

/**
 * Takes what is dropped on a part of the page, unless a place inside it does. Nothing that is dropped replaces
 * the page.
 * @param place that lights up
 */
export function acceptDrops(target: HTMLElement | Document, place: HTMLElement, onFiles: OnFiles): void {
  const light = (isOver: boolean): void => void place.classList.toggle('over', isOver)
  const on = (name: 'dragover' | 'drop', act: (event: DragEvent) => void): void =>
    (target as HTMLElement).addEventListener(name, (event) => {
      light(name === 'dragover' && !event.defaultPrevented)
      if (event.defaultPrevented) return
      event.preventDefault()
      act(event)
    })
  on('dragover', () => undefined)
  target.addEventListener('dragleave', () => light(false))
  on('drop', ({ dataTransfer }) => {
    if (dataTransfer === null) return
    const folder = folderIn(dataTransfer)
    if (folder === undefined) take([...dataTransfer.files], onFiles)
    else showNotice(`${folder} is a folder: choose the file in it.`)
  })
}

/** Name of the first folder that was dropped: it comes as a file that cannot be read. */
function folderIn({ items }: DataTransfer): string | undefined {
  const entries = [...items].map((item) => item.webkitGetAsEntry())
  return entries.find((entry) => entry?.isDirectory)?.name
}

/** A smaller place for more files; `isOne` leaves a single file to choose. */
export function fileChoice({ id, title, hint, isOne }: FileChoice, onFiles: OnFiles): HTMLElement {
  const attributes = { type: 'file', id, 'aria-describedby': `${id}-hint` }
  const place = element(
    'label',
    { class: 'drop small' },
    element('input', isOne ? attributes : { ...attributes, multiple: '' }),
    element('strong', {}, title),
    element('span', { id: `${id}-hint` }, hint),
  )
  acceptFiles(place, onFiles)
  return place
}

/** What a place for files says. */
interface FileChoice {
  readonly id: string
  readonly title: string
  readonly hint: string
  readonly isOne: boolean
}

/** A file piece by piece; not every browser can iterate over a stream. */
export async function* piecesOf(file: File): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    reader.releaseLock()
  }
}
