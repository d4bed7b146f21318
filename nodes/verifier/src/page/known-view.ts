import type { KnownTexts } from '../known.ts'
import { element } from './element.ts'
import { fileChoice } from './file-choice.ts'

/** Larger than any list of keys or contracts. */
const MAX_KNOWN_BYTES = 1 << 20

/** What somebody can know, with its label and what the field is. */
const FIELDS = {
  network: ['Chain and contracts of the Halo you mean: its network file', 'textarea'],
  operatorKeys: ['Keys of the logs of all operators, one a line', 'textarea'],
  blockHash: ['Hash of the block that the proof leads to, from a node or explorer', 'input'],
} as const

type Field = keyof typeof FIELDS
const NAMES = Object.keys(FIELDS) as readonly Field[]

/** What the form reports back. */
export interface KnownListener {
  onKnown(texts: KnownTexts): void
  /** Something was changed that was not checked with yet. */
  onEdit(): void
  /** A file that cannot be taken. */
  onProblem(message: string): void
}

/**
 * A form for what somebody knows from elsewhere: what a page with no network cannot ask for.
 * @param isNeeded whether it is shown at once
 */
export function knownView(given: KnownTexts, isNeeded: boolean, listener: KnownListener): HTMLElement {
  const fields = NAMES.map((name) => fieldOf(name, given[name] ?? ''))
  const texts = (): KnownTexts => Object.fromEntries(fields.map(({ name, value }) => [name, value]))
  const files = fileChoice(
    {
      id: 'known-file',
      title: 'Add a network file, or a file of keys',
      hint: 'Or drop them here, several at once if you like; or paste what they hold below.',
      isOne: false,
    },
    (chosen) => void addFiles(chosen, texts(), listener),
  )
  const form = element(
    'form',
    {},
    ...fields.flatMap((field) => [
      element('label', { for: field.id }, FIELDS[field.name as Field][0]),
      field,
    ]),
    element('button', { type: 'submit' }, 'Check again'),
  )
  form.addEventListener('input', () => listener.onEdit())
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    listener.onKnown(texts())
  })
  const hint =
    'This page asks nobody. Who is behind a proof is told by what you have from a source you trust, not from whoever gave you the proof.'
  return element(
    'details',
    { class: 'known', ...(isNeeded ? { open: '' } : {}) },
    element('summary', {}, 'What you know from elsewhere'),
    element('p', { class: 'quiet' }, hint),
    files,
    form,
  )
}

/** Fields are named as the texts they hold; their ids are for labels. */
function fieldOf(name: Field, value: string): HTMLInputElement | HTMLTextAreaElement {
  const id = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const plain = { id, name, autocomplete: 'off', spellcheck: 'false' }
  const [, kind] = FIELDS[name]
  const field = element(kind, kind === 'input' ? plain : { ...plain, rows: '3' })
  field.value = value
  return field
}

async function addFiles(files: readonly File[], texts: KnownTexts, listener: KnownListener): Promise<void> {
  if (files.some(({ size }) => size > MAX_KNOWN_BYTES))
    return listener.onProblem('This file is larger than any network file or list of keys.')
  const read = await Promise.all(files.map((file) => file.text())).catch(() => null)
  if (read === null)
    return listener.onProblem('The file cannot be read. It may have been moved or changed meanwhile.')
  const added = sortKnown(read)
  return typeof added === 'string' ? listener.onProblem(added) : listener.onKnown({ ...texts, ...added })
}

/** What files hold, or why they cannot be taken. A network file is an object of JSON, and nothing else is. */
function sortKnown(read: readonly string[]): KnownTexts | string {
  if (read.some((text) => text.trim() === '')) return 'This file holds no keys and no network: it is empty.'
  const isNetwork = (text: string): boolean => /^\s*\{/.test(text)
  const [network, ...others] = read.filter(isNetwork)
  if (others.length > 0) return 'These are several network files. Give that of the Halo you mean.'
  const keys = read.filter((text) => !isNetwork(text))
  return {
    ...(network === undefined ? {} : { network }),
    ...(keys.length === 0 ? {} : { operatorKeys: keys.join('\n') }),
  }
}
