import type { KnownTexts } from '../known.ts'
import { element } from './element.ts'
import { fileChoice } from './file-choice.ts'

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
  /** What is entered is to be checked with. */
  onSubmit(): void
  /** Something was changed that was not checked with yet. */
  onEdit(): void
  /** Files that hold more of it. */
  onFiles(files: readonly File[]): void
}

/** A form for what somebody knows; one for each proof, so that nothing in it is lost when something else changes. */
export interface KnownView {
  readonly element: HTMLDetailsElement
  /** What is entered now, checked or not. */
  texts(): KnownTexts
  /** Puts texts in the place of those that are there; fields with no new text keep theirs. */
  fill(texts: KnownTexts): void
}

/** A form for what somebody knows from elsewhere: what a page with no network cannot ask for. */
export function knownView(given: KnownTexts, listener: KnownListener): KnownView {
  const fields = NAMES.map((name) => fieldOf(name, given[name] ?? ''))
  const files = fileChoice(
    {
      id: 'known-file',
      title: 'Add a network file, or a file of keys',
      hint: 'Or drop them here, several at once if you like; or paste what they hold below.',
      isOne: false,
    },
    (chosen) => listener.onFiles(chosen),
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
    listener.onSubmit()
  })
  const hint =
    'This page asks nobody. Who is behind a proof is told by what you have from a source you trust, not from whoever gave you the proof.'
  const view = element(
    'details',
    { class: 'known' },
    element('summary', {}, 'What you know from elsewhere'),
    element('p', { class: 'quiet' }, hint),
    files,
    form,
  )
  return {
    element: view,
    texts: () => Object.fromEntries(fields.map(({ name, value }) => [name, value])),
    fill: (texts) => {
      for (const field of fields) field.value = texts[field.name as Field] ?? field.value
    },
  }
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
