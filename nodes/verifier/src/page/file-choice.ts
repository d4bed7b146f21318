import { element } from './element.ts'

/** Has a file input, and the label around it as a place to drop files, call back with what was chosen: one at least. */
export function acceptFiles(place: HTMLElement, onFiles: (files: readonly File[]) => void): void {
  const input = place.querySelector('input')
  const take = (list: FileList | null | undefined): void => {
    const files = [...(list ?? [])]
    if (files.length > 0) onFiles(files)
  }
  input?.addEventListener('change', () => {
    take(input.files)
    // The same file can be chosen again after it was mended.
    input.value = ''
  })
  place.addEventListener('dragover', (event) => {
    event.preventDefault()
    place.classList.add('over')
  })
  place.addEventListener('dragleave', () => place.classList.remove('over'))
  place.addEventListener('drop', (event) => {
    event.preventDefault()
    place.classList.remove('over')
    take(event.dataTransfer?.files)
  })
}

/** A smaller place for more files; `isOne` leaves a single file to choose. */
export function fileChoice(
  { id, title, hint, isOne }: FileChoice,
  onFiles: (files: readonly File[]) => void,
): HTMLElement {
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

/** A file that misses its place would otherwise replace the page. */
export function ignoreStrayDrops(): void {
  for (const name of ['dragover', 'drop'] as const)
    document.addEventListener(name, (event) => event.preventDefault())
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
