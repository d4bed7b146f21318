import type { EvidenceFacts, Hex, RecordOpening } from '@halo/proofs'
import { proveAnchor } from '@halo/proofs'
import type { CheckedFile } from '../basis.ts'
import { describeBasis } from '../basis.ts'
import { checkProof } from '../check.ts'
import { hashBytes, hashInPassing } from '../file-hash.ts'
import type { KnownTexts } from '../known.ts'
import { parseKnown } from '../known.ts'
import { describePart } from '../part-details.ts'
import type { ProofFile } from '../proof-file.ts'
import { readProofFile, refuseSize } from '../proof-file.ts'
import { hashRecordFile } from '../record-hash.ts'
import { byId, element } from './element.ts'
import { acceptFiles, fileChoice, ignoreStrayDrops, piecesOf } from './file-choice.ts'
import type { KnownView } from './known-view.ts'
import { knownView, readKnownFiles } from './known-view.ts'
import { basisView, failureView, outcomeView, partsView, uncheckedView } from './result-view.ts'

/** What is on the page for one proof: the file, and what was added to it. */
interface Shown {
  readonly chosen: CheckedFile
  readonly file: ProofFile
  readonly known: KnownView
  /** Where the record's own file goes. */
  readonly recordPlace: HTMLElement
  record: ComparedRecord | null
  /** Whether something was entered or refused that the verdict was not made with. */
  isChanged: boolean
}

/** A record that was compared. */
interface ComparedRecord {
  readonly commitment: Hex
  readonly file: CheckedFile
}

const result = byId('result')
/** Counts choices of proofs, so that an earlier one that is still being read does not come over a later one. */
let turn = 0
/** The proof on the page. What is still busy for another one has no say any more. */
let current: Shown | null = null
/** What was last checked with: it serves for the next proof too. */
let kept: KnownTexts = {}

async function openProof(files: readonly File[]): Promise<void> {
  const mine = ++turn
  current = null
  const [chosen] = files
  if (chosen === undefined) return
  if (files.length > 1)
    return present(failureView('Choose one proof at a time.', files.map(({ name }) => name).join(', ')))
  try {
    refuseSize(chosen.size)
    const bytes = new Uint8Array(await chosen.arrayBuffer())
    if (mine !== turn) return
    const file = readProofFile(bytes)
    current = createShown({ name: chosen.name, sha256: hashBytes(bytes) }, file)
    show(current)
  } catch (error) {
    if (mine === turn) present(failureView(messageOf(error), chosen.name))
  }
}

function createShown(chosen: CheckedFile, file: ProofFile): Shown {
  const known = knownView(knownFor(file), {
    onSubmit: () => void addKnown(shown, Promise.resolve({})),
    onEdit: () => takeBack(shown),
    onFiles: (files) => void addKnown(shown, readKnownFiles(files)),
  })
  const recordPlace = element('div', { id: 'record-place' })
  const shown: Shown = { chosen, file, known, recordPlace, record: null, isChanged: false }
  offerRecord(shown)
  return shown
}

/** A block hash is that of one proof: held against one that leads to another block, it would accuse it. */
function knownFor(file: ProofFile): KnownTexts {
  const { blockHash, ...rest } = kept
  const { anchor, inclusion } = file.kind === 'bundle' ? file.evidence : {}
  if (anchor === undefined || inclusion === undefined) return rest
  const { log, size, root } = inclusion
  const isOfBlock = proveAnchor(anchor, log, size, root)?.blockHash === blockHash?.trim().toLowerCase()
  return isOfBlock ? kept : rest
}

/** The comparison takes as long as the record is; whatever is entered meanwhile stays, and counts. */
async function addRecord(shown: Shown, [chosen, ...others]: readonly File[]): Promise<void> {
  const opening = openingOf(shown)
  if (opening === undefined || chosen === undefined) return
  if (others.length > 0) return takeBack(shown, 'Choose one file as the record.')
  const bar = element('progress', {
    max: String(Math.max(chosen.size, 1)),
    'aria-label': 'Reading the record',
  })
  shown.recordPlace.replaceChildren(bar)
  try {
    const { pieces, digest } = hashInPassing(piecesOf(chosen))
    const commitment = await hashRecordFile(pieces, opening, async (doneBytes) => {
      if (shown !== current) throw new DOMException('Another file was chosen.', 'AbortError')
      bar.value = doneBytes
      // Lets the page draw and answer in between.
      await new Promise((resolve) => setTimeout(resolve))
    })
    shown.record = { commitment, file: { name: chosen.name, sha256: digest() } }
    offerRecord(shown)
    // What was changed and not checked yet would be checked unasked.
    if (!shown.isChanged) show(shown)
  } catch (error) {
    offerRecord(shown)
    takeBack(shown, messageOf(error))
  }
}

/** Checks with what is entered by then, and with what files add to it or put in its place. */
async function addKnown(shown: Shown, reading: Promise<KnownTexts>): Promise<void> {
  try {
    const added = await reading
    if (shown !== current) return
    const texts = { ...shown.known.texts(), ...added }
    parseKnown(texts, shown.file)
    kept = texts
    shown.known.fill(texts)
    show(shown)
  } catch (error) {
    takeBack(shown, messageOf(error))
  }
}

/** A verdict does not stand beside something that it was not made with. */
function takeBack(shown: Shown, problem: string | null = null): void {
  if (shown !== current) return
  shown.isChanged = true
  for (const view of result.querySelectorAll('.parts, .basis')) view.setAttribute('hidden', '')
  result.querySelector('.outcome')?.replaceWith(uncheckedView(problem, shown.chosen.name))
  if (problem !== null) focusOutcome()
}

function show(shown: Shown): void {
  if (shown !== current) return
  const { chosen, file, known, recordPlace, record } = shown
  const texts = known.texts()
  const facts: EvidenceFacts = {
    ...parseKnown(texts, file),
    ...(record === null ? {} : { recordCommitment: record.commitment }),
  }
  const checked = checkProof(file, facts)
  shown.isChanged = false
  known.element.open ||= checked.verdict === 'missing' || Object.values(texts).some((text) => text !== '')
  const print = element('button', { type: 'button' }, 'Print or save as PDF')
  print.addEventListener('click', () => print.ownerDocument.defaultView?.print())
  const basis = { proof: chosen, record: record?.file ?? null, facts, checkedAtMs: Date.now() }
  present(
    outcomeView(checked, chosen.name),
    partsView(checked.parts, (part) => describePart(file, part, checked)),
    basisView(describeBasis({ ...basis, checker: nameChecker() })),
    recordPlace,
    known.element,
    print,
  )
}

/** Version of the page, and the hash of its script, by which its policy lets it run. */
function nameChecker(): string {
  const contentOf = (selector: string): string =>
    document.querySelector<HTMLMetaElement>(selector)?.content ?? ''
  const [, hash = ''] = /script-src '([^']+)'/.exec(contentOf('meta[http-equiv]')) ?? []
  return `this page, ${contentOf('meta[name=generator]')}\nscript ${hash}`
}

/** Offers to compare the record's own file, if the proof holds what it can be compared with. */
function offerRecord(shown: Shown): void {
  if (openingOf(shown) === undefined) return
  const hint =
    shown.record === null
      ? 'Such as delivered.ndjson. It is compared here and goes nowhere.'
      : `Compared with ${shown.record.file.name}. Choose another to compare that.`
  const choice = fileChoice(
    { id: 'record', title: 'Compare the record’s file', hint, isOne: true },
    (files) => void addRecord(shown, files),
  )
  shown.recordPlace.replaceChildren(choice)
}

function openingOf({ file }: Shown): RecordOpening | undefined {
  return file.kind === 'bundle' ? file.evidence.record?.opening : undefined
}

function present(...views: readonly HTMLElement[]): void {
  result.replaceChildren(...views)
  result.hidden = false
  focusOutcome()
}

function focusOutcome(): void {
  const title = byId('outcome-title')
  title.focus()
  title.scrollIntoView({ block: 'center' })
}

function messageOf(error: unknown): string {
  if (error instanceof DOMException)
    return 'The file cannot be read. It may have been moved or changed meanwhile.'
  return error instanceof Error ? error.message : String(error)
}

/** Paper cannot be unfolded. */
function unfoldForPrint(): void {
  const folded = (): Iterable<HTMLDetailsElement> => document.querySelectorAll<HTMLDetailsElement>('details')
  let opened: HTMLDetailsElement[] = []
  addEventListener('beforeprint', () => {
    opened = [...folded()].filter((details) => !details.open)
    for (const details of opened) details.open = true
  })
  addEventListener('afterprint', () => {
    for (const details of opened) details.open = false
  })
}

unfoldForPrint()
ignoreStrayDrops()
acceptFiles(byId('drop'), (files) => void openProof(files))
