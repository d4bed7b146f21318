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
import { hashRecordFile } from '../record-hash.ts'
import { byId, element } from './element.ts'
import { acceptDrops, acceptFiles, fileChoice, piecesOf } from './file-choice.ts'
import type { KnownView } from './known-view.ts'
import { knownView } from './known-view.ts'
import { hideNotice, showNotice } from './notice.ts'
import { basisView, failureView, outcomeView, partsView, uncheckedView } from './result-view.ts'
import type { SortedFile } from './sort-files.ts'
import { isKnown, knownIn, listNames, sortFiles, wordUnread } from './sort-files.ts'

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

/**
 * Does with files, wherever they were dropped, what each is for.
 * @param isForProof when they were given as the proof
 */
async function takeFiles(files: readonly File[], isForProof: boolean): Promise<void> {
  const mine = ++turn
  const sorted = await sortOrNotice(files, () => mine === turn)
  if (sorted === null) return
  const proofs = sorted.filter(({ kind }) => kind === 'proof')
  if (proofs.length > 1) return showNotice(`${listNames(proofs)} are proofs. Choose one at a time.`)
  const proof = proofs[0] ?? (isMeantAsProof(sorted, isForProof) ? sorted[0] : undefined)
  if (proof !== undefined) openProof(proof)
  if (current !== null)
    addBeside(
      current,
      sorted.filter((each) => each !== proof),
    )
  else if (proof === undefined)
    showNotice(
      `${listNames(sorted)}: none of these is a proof. Choose the proof first, or together with them.`,
    )
}

/** A file that is nothing else, alone where a proof is wanted, is told why it is none. */
function isMeantAsProof([first, ...others]: readonly SortedFile[], isForProof: boolean): boolean {
  return others.length === 0 && (current === null || (isForProof && first?.kind === 'other'))
}

function openProof({ file: { name }, bytes, proof }: SortedFile): void {
  current = null
  try {
    if (proof instanceof Error) throw proof
    current = createShown({ name, sha256: hashBytes(bytes) }, proof)
    show(current)
  } catch (error) {
    present(failureView(messageOf(error), name))
  }
}

/** What came beside a proof, or while it is on the page. */
function addBeside(shown: Shown, sorted: readonly SortedFile[]): void {
  refuseKnown(shown, sorted.filter(isKnown))
  const others = sorted.filter((each) => !isKnown(each))
  const [record] = others
  if (record === undefined) return
  if (others.length > 1)
    showNotice(`${listNames(others)} were not used: only one file can be compared as the record.`)
  else if (openingOf(shown) === undefined)
    showNotice(`${record.file.name} was not used: this proof holds nothing to compare a record with.`)
  else void addRecord(shown, [record.file])
}

/**
 * Who makes up a proof makes up keys and contracts to go with it, in a file of any name: they are taken only where
 * somebody says that they know them from elsewhere.
 */
function refuseKnown({ known }: Shown, files: readonly SortedFile[]): void {
  if (files.length === 0) return
  known.element.open = true
  showNotice(
    `${listNames(files)}: keys or contracts, not used. If you have them from a source you trust, and not from whoever gave you the proof, add them below, under “What you know from elsewhere”.`,
  )
}

/** What files are, or null where one cannot be read or nobody waits for them any more. */
async function sortOrNotice(
  files: readonly File[],
  isAwaited: () => boolean,
): Promise<readonly SortedFile[] | null> {
  try {
    const sorted = await sortFiles(files)
    return isAwaited() ? sorted : null
  } catch (error) {
    if (isAwaited()) showNotice(messageOf(error))
    return null
  }
}

function createShown(chosen: CheckedFile, file: ProofFile): Shown {
  const known = knownView(knownFor(file), {
    onSubmit: () => {
      hideNotice()
      addKnown(shown)
    },
    onEdit: () => takeBack(shown),
    onFiles: (files) => void addKnownFiles(shown, files),
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
  if (others.length > 0) return showNotice('Choose one file as the record.')
  const bar = element('progress', {
    max: String(Math.max(chosen.size, 1)),
    'aria-label': 'Reading the record',
  })
  // Gone from there, it is another proof or record that is waited for.
  shown.recordPlace.replaceChildren(bar)
  try {
    const { pieces, digest } = hashInPassing(piecesOf(chosen))
    const commitment = await hashRecordFile(pieces, opening, async (doneBytes) => {
      if (!bar.isConnected) throw new DOMException('Another file was chosen.', 'AbortError')
      bar.value = doneBytes
      // Lets the page draw and answer in between.
      await new Promise((resolve) => setTimeout(resolve))
    })
    if (!bar.isConnected) return
    shown.record = { commitment, file: { name: chosen.name, sha256: digest() } }
    offerRecord(shown)
    // What was changed and not checked yet would be checked unasked.
    if (!shown.isChanged) show(shown)
  } catch {
    if (!bar.isConnected) return
    offerRecord(shown)
    showNotice(wordUnread(chosen))
  }
}

/** What is neither was not entered: the verdict stands without it. */
async function addKnownFiles(shown: Shown, files: readonly File[]): Promise<void> {
  const sorted = await sortOrNotice(files, () => shown === current)
  if (sorted === null) return
  const strangers = sorted.filter((each) => !isKnown(each))
  if (strangers.length < sorted.length) addKnown(shown, sorted.filter(isKnown))
  if (strangers.length > 0) showNotice(strangers.map(wordStranger).join(' '))
}

function wordStranger({ file: { name, size } }: SortedFile): string {
  return size === 0 ? `${name} is empty.` : `${name} is neither a network file nor keys of operators.`
}

/** Checks with what is entered by then, and with what files add to it or put in its place. */
function addKnown(shown: Shown, added: readonly SortedFile[] = []): void {
  try {
    const texts = { ...shown.known.texts(), ...knownIn(added) }
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
acceptFiles(byId('drop'), (files) => void takeFiles(files, true))
acceptDrops(document, byId('drop'), (files) => void takeFiles(files, false))
