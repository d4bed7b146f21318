import { element } from './element.ts'

/** Has a file input, and the label around it as a place to drop a file, call back with the chosen file. */
export function acceptFile(place: HTMLElement, onFile: (file: File) => void): void {
  const input = place.querySelector('input')
  input?.addEventListener('change', () => {
    const file = input.files?.[0]
    // The same file can be chosen again after it was mended.
    input.value = ''
    if (file !== undefined) onFile(file)
  })
  place.addEventListener('dragover', (event) => {
    event.preventDefault()
    place.classList.add('over')
  })
  place.addEventListener('dragleave', () => place.classList.remove('over'))
  place.addEventListener('drop', (event) => {
    event.preventDefault()
    place.classList.remove('over')
    const file = event.dataTransfer?.files[0]
    if (file !== undefined) onFile(file)
  })
}

/** A smaller place for a second file. */
export function fileChoice(
  id: string,
  title: string,
  hint: string,
  onFile: (file: File) => void,
): HTMLElement {
  const place = element(
    'label',
    { class: 'drop small' },
    element('input', { type: 'file', id, 'aria-describedby': `${id}-hint` }),
    element('strong', {}, title),
    element('span', { id: `${id}-hint` }, hint),
  )
  acceptFile(place, onFile)
  return place
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
