import type { EvidenceFacts, Hex } from '@halo/proofs'
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
import { knownView } from './known-view.ts'
import { basisView, failureView, outcomeView, partsView, uncheckedView } from './result-view.ts'

/** What is on the page: the newest file that was chosen, and what was added to it. */
interface Shown {
  readonly chosen: CheckedFile
  readonly file: ProofFile
  readonly known: KnownTexts
  readonly recordCommitment?: Hex
  readonly record?: CheckedFile
}

const result = byId('result')
/** Counts choices, so that what an earlier one is still busy with does not come over a later one. */
let turn = 0
/** What was last checked with: it serves for the next proof too. */
let kept: KnownTexts = {}

async function openProof(files: readonly File[]): Promise<void> {
  const mine = ++turn
  const [chosen] = files
  if (chosen === undefined) return
  if (files.length > 1)
    return present(failureView('Choose one proof at a time.', files.map(({ name }) => name).join(', ')))
  try {
    refuseSize(chosen.size)
    const bytes = new Uint8Array(await chosen.arrayBuffer())
    if (mine !== turn) return
    const file = readProofFile(bytes)
    const sha256 = hashBytes(bytes)
    show({ chosen: { name: chosen.name, sha256 }, file, known: knownFor(file) })
  } catch (error) {
    if (mine === turn) present(failureView(messageOf(error), chosen.name))
  }
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

async function addRecord(shown: Shown, [chosen, ...others]: readonly File[]): Promise<void> {
  const opening = shown.file.kind === 'bundle' ? shown.file.evidence.record?.opening : undefined
  if (opening === undefined || chosen === undefined) return
  if (others.length > 0) return takeBack(shown, 'Choose one file as the record.')
  const mine = ++turn
  const bar = element('progress', {
    max: String(Math.max(chosen.size, 1)),
    'aria-label': 'Reading the record',
  })
  byId('record-place').replaceChildren(bar)
  try {
    const { pieces, digest } = hashInPassing(piecesOf(chosen))
    const recordCommitment = await hashRecordFile(pieces, opening, async (doneBytes) => {
      if (mine !== turn) throw new DOMException('Another file was chosen.', 'AbortError')
      bar.value = doneBytes
      // Lets the page draw and answer in between.
      await new Promise((resolve) => setTimeout(resolve))
    })
    if (mine === turn) show({ ...shown, recordCommitment, record: { name: chosen.name, sha256: digest() } })
  } catch (error) {
    if (mine === turn) present(failureView(messageOf(error), chosen.name))
  }
}

function addKnown(shown: Shown, known: KnownTexts): void {
  try {
    parseKnown(known, shown.file)
    kept = known
    show({ ...shown, known })
  } catch (error) {
    takeBack(shown, messageOf(error))
  }
}

/** A verdict does not stand beside something that it was not made with. */
function takeBack({ chosen }: Shown, problem: string | null = null): void {
  for (const view of result.querySelectorAll('.parts, .basis')) view.setAttribute('hidden', '')
  result.querySelector('.outcome')?.replaceWith(uncheckedView(problem, chosen.name))
  if (problem !== null) focusOutcome()
}

function show(shown: Shown): void {
  const { chosen, file, known, recordCommitment, record = null } = shown
  const facts: EvidenceFacts = {
    ...parseKnown(known, file),
    ...(recordCommitment === undefined ? {} : { recordCommitment }),
  }
  const checked = checkProof(file, facts)
  const isNeeded = checked.verdict === 'missing' || Object.keys(known).length > 0
  const print = element('button', { type: 'button' }, 'Print or save as PDF')
  print.addEventListener('click', () => print.ownerDocument.defaultView?.print())
  present(
    outcomeView(checked, chosen.name),
    partsView(checked.parts, (part) => describePart(file, part, checked)),
    basisView(
      describeBasis({ proof: chosen, record, facts, checkedAtMs: Date.now(), checker: nameChecker() }),
    ),
    recordPlace(shown),
    knownView(known, isNeeded, {
      onKnown: (texts) => addKnown(shown, texts),
      onEdit: () => takeBack(shown),
      onProblem: (problem) => takeBack(shown, problem),
    }),
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

/** Where the record's own file goes, if the proof holds what it can be compared with. */
function recordPlace(shown: Shown): HTMLElement {
  const opening = shown.file.kind === 'bundle' ? shown.file.evidence.record?.opening : undefined
  if (opening === undefined) return element('div', { id: 'record-place' })
  const hint =
    shown.record === undefined
      ? 'Such as delivered.ndjson. It is compared here and goes nowhere.'
      : `Compared with ${shown.record.name}. Choose another to compare that.`
  const choice = fileChoice(
    { id: 'record', title: 'Compare the record’s file', hint, isOne: true },
    (files) => void addRecord(shown, files),
  )
  return element('div', { id: 'record-place' }, choice)
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
