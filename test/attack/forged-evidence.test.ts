import { createHash, randomBytes } from 'node:crypto'
import type { Evidence, EvidenceFacts, EvidencePart, Hex, SignedAccessEvent } from '@halo/proofs'
import {
  commitLocation,
  EVIDENCE_PARTS,
  encodeEvidence,
  formatLogOrigin,
  formatVerifierKey,
  signAccessEvent,
} from '@halo/proofs'
import type { CheckedProof } from '@halo/verifier'
import { checkProof, describePart, hashRecordFile, parseKnown, readProofFile } from '@halo/verifier'
import type { Wallet } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Proving, ProvingHalo } from './proving.ts'
import {
  blockHashOf,
  createProvingHalo,
  createSigner,
  domainOf,
  factsOf,
  grant,
  proveRecord,
  requestBy,
  signDeliveries,
} from './proving.ts'

const test = suite('attack/forged-evidence')

/** One Halo, two of its patients, and what anybody can ask its chain. */
interface Scene {
  readonly halo: ProvingHalo
  readonly victim: Proving
  readonly other: Proving
  readonly facts: EvidenceFacts
}

async function openScene(): Promise<Scene> {
  const halo = await createProvingHalo()
  const [victim, other] = [await proveRecord(halo), await proveRecord(halo)]
  return { halo, victim, other, facts: factsOf(halo, [victim.anchored, other.anchored]) }
}

function fileOf(evidence: Evidence): Uint8Array {
  return new TextEncoder().encode(encodeEvidence(evidence))
}

/** What whoever is handed the file finds out, beside the record's file that they were handed. */
async function check(evidence: Evidence, facts: EvidenceFacts, content?: Uint8Array): Promise<CheckedProof> {
  const file = readProofFile(fileOf(evidence))
  const opening = evidence.record?.opening
  if (content === undefined || opening === undefined) return checkProof(file, facts)
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    yield content
  }
  return checkProof(file, { ...facts, recordCommitment: await hashRecordFile(pieces(), opening) })
}

function verdictOf({ parts }: CheckedProof, part: EvidencePart): string {
  const found = parts.find((finding) => finding.part === part)
  return `${found?.verdict} ${found?.reason}`
}

function isVerified(checked: CheckedProof, part: EvidencePart): boolean {
  return verdictOf(checked, part).startsWith('verified')
}

/** The genuine file of a patient holds in every part: without this no refusal would mean anything. */
async function assertGenuine({ evidence, content }: Proving, facts: EvidenceFacts): Promise<void> {
  const checked = await check(evidence, facts, content)
  assert.is(checked.verdict, 'verified')
  for (const part of EVIDENCE_PARTS) assert.ok(isVerified(checked, part), verdictOf(checked, part))
}

/** Some parts of one file. */
function pick(from: Proving, parts: readonly EvidencePart[]): Partial<Evidence> {
  return Object.fromEntries(parts.map((part) => [part, from.evidence[part]]))
}

test('parts of two genuine files hold nothing together, of two patients or of one, in whatever way they are mixed', async () => {
  const { halo, victim, other, facts } = await openScene()
  const ofTheSame = await proveRecord(halo, victim.patient)
  const known = { ...facts, anchors: [victim, other, ofTheSame].map(({ anchored }) => anchored) }
  for (const genuine of [victim, other, ofTheSame]) await assertGenuine(genuine, known)
  for (const foreign of [other, ofTheSame]) {
    await assertBrokenInAnyMix(victim, foreign, known)
    await assertNoPairHolds(victim, foreign, known)
  }
})

/** Whole files, each part from one of the two. */
async function assertBrokenInAnyMix(own: Proving, foreign: Proving, facts: EvidenceFacts): Promise<void> {
  for (let mix = 1; mix < 2 ** EVIDENCE_PARTS.length - 1; mix++) {
    const taken = EVIDENCE_PARTS.filter((_, at) => (mix >> at) & 1)
    const { verdict } = await check({ ...own.evidence, ...pick(foreign, taken) }, facts)
    assert.is(verdict, 'broken', `${taken} of the other`)
  }
}

/** Two parts and nothing else, which leaves out whatever could contradict them. */
async function assertNoPairHolds(own: Proving, foreign: Proving, facts: EvidenceFacts): Promise<void> {
  const { deployment } = own.evidence
  for (const first of EVIDENCE_PARTS)
    for (const second of EVIDENCE_PARTS.filter((part) => part !== first)) {
      const pair = await check({ deployment, ...pick(own, [first]), ...pick(foreign, [second]) }, facts)
      assert.is.not(pair.verdict, 'verified', `${first} and ${second}`)
      assert.not(isVerified(pair, first) && isVerified(pair, second), `${first} and ${second}`)
    }
  const access = { deliveries: [], events: foreign.evidence.access.events }
  const accessed = await check({ deployment, ...pick(own, ['record']), access }, facts)
  assert.is(accessed.verdict, 'broken', 'nor an access to another record')
}

test('no field of a genuine file can be that of another genuine file', async () => {
  const { victim, other, facts } = await openScene()
  await assertGenuine(victim, facts)
  let tried = 0
  for (const part of EVIDENCE_PARTS)
    for (const { at, evidence } of spliceFields(victim.evidence, other.evidence, [part])) {
      const verdict = check(evidence, facts, victim.content).then((checked) => checked.verdict)
      const outcome = await verdict.catch((error: { readonly code?: unknown }) => error.code)
      assert.ok(
        ['broken', 'BUNDLE_MALFORMED', 'RECEIPT_MALFORMED'].includes(String(outcome)),
        `${at}: ${outcome}`,
      )
      tried++
    }
  assert.ok(tried > 30, `${tried} fields`)
})

test('a stranger who asks and grants in their own name is not taken for the owner, beside whatever receipt', async () => {
  const { halo, victim, other, facts } = await openScene()
  await assertGenuine(victim, facts)
  const stranger = createSigner()
  const request = requestBy(createSigner(), victim.request.dataset, stranger)
  const consent = await grant(stranger, request, halo.deployment)
  const access = { deliveries: await signDeliveries(halo, request), events: [] }
  const named = await check({ ...victim.evidence, consent, access }, facts, victim.content)
  assert.is(named.verdict, 'broken')
  assert.is(verdictOf(named, 'consent'), 'broken OTHER_OWNER')
  assert.is(verdictOf(named, 'access'), 'broken OTHER_OWNER')
  const { record: _, ...unnamed } = victim.evidence
  const { deployment, inclusion, anchor, deletion } = unnamed
  for (const beside of [
    { inclusion, anchor },
    { inclusion, anchor, deletion },
    unnamed,
    pick(other, ['inclusion']),
  ]) {
    const forged = await check({ deployment, ...beside, consent, access }, facts)
    assert.is.not(forged.verdict, 'verified')
    for (const part of ['record', 'inclusion', 'consent', 'access'] as const)
      assert.not(isVerified(forged, part), `${part} ${verdictOf(forged, part)}`)
  }
  const inTheirName = { ...victim.evidence, consent: await grant(stranger, victim.request, halo.deployment) }
  const forged = await check(inTheirName, facts, victim.content)
  assert.is(verdictOf(forged, 'consent'), 'broken ANSWER_NOT_SIGNED')
})

test('a file about contracts of its maker’s own shows nothing about this Halo, whoever signs and whatever block they make up', async () => {
  const { halo, victim, facts } = await openScene()
  await assertGenuine(victim, facts)
  const theirs = await createProvingHalo()
  const forged = await proveRecord(theirs)
  const blockHash = blockHashOf(forged)
  await assertGenuine(forged, { ...factsOf(theirs, [forged.anchored]), blockHash })
  const known = await check(forged.evidence, { ...facts, blockHash }, forged.content)
  for (const part of EVIDENCE_PARTS) assert.is(verdictOf(known, part), 'broken OTHER_HALO')
  // Who was told of no Halo, and compares the block with the chain on which the maker deployed.
  const told = await check(forged.evidence, { anchors: [forged.anchored], blockHash }, forged.content)
  assert.is.not(told.verdict, 'verified')
  for (const part of ['inclusion', 'anchor'] as const)
    assert.is(verdictOf(told, part), 'missing HALO_UNKNOWN')
  const file = readProofFile(fileOf(forged.evidence))
  const operatorKeys = formatVerifierKey(halo.logKey.verifier)
  assert.is(checkProof(file, parseKnown({ operatorKeys, blockHash }, file)).verdict, 'broken')
})

test('a genuine receipt lends nothing to answers and accesses that were signed for other contracts', async () => {
  const { halo, victim, facts } = await openScene()
  await assertGenuine(victim, facts)
  const theirs = await createProvingHalo()
  const { anchor } = victim.evidence.deployment
  const { deployment: own } = (await proveRecord(theirs)).evidence
  const stranger = createSigner()
  const request = requestBy(createSigner(), victim.request.dataset, stranger)
  const forged: Evidence = {
    ...victim.evidence,
    deployment: { ...own, anchor },
    consent: await grant(stranger, request, theirs.deployment),
    access: { deliveries: await signDeliveries(theirs, request), events: [] },
  }
  for (const part of EVIDENCE_PARTS)
    assert.is(verdictOf(await check(forged, facts), part), 'broken OTHER_HALO', part)
  const file = readProofFile(fileOf(forged))
  const known = parseKnown({ operatorKeys: formatVerifierKey(halo.logKey.verifier) }, file)
  const checked = checkProof(file, known)
  assert.is(checked.verdict, 'broken')
  for (const part of ['consent', 'access', 'deletion'] as const)
    assert.is(verdictOf(checked, part).split(' ')[0], 'broken', part)
})

test('place, time, receiver and signer of an access cannot be rewritten, nor signed by others', async () => {
  const { halo, victim, other, facts } = await openScene()
  await assertGenuine(victim, facts)
  const [genuine] = victim.evidence.access.events
  assert.ok(genuine)
  const rewritings: readonly Partial<SignedAccessEvent>[] = [
    { location: commitLocation('Ward 4, Example Hospital', victim.place.salt) },
    { timeSec: genuine.timeSec + 1 },
    { expirySec: genuine.expirySec + 86_400 },
    { receiver: other.researcher.address as Hex },
    { owner: other.patient.address as Hex },
    { recordHash: other.request.dataset },
    { signer: victim.patient.address as Hex },
  ]
  const stranger = createSigner()
  const elsewhere = { ...domainOf(halo), verifyingContract: halo.deployment.escrow as Hex }
  const [operator] = halo.operators as readonly [Wallet]
  for (const rewriting of rewritings) {
    const event = { ...genuine, ...rewriting }
    const bySomeone = await signAccessEvent(stranger, event, domainOf(halo))
    const inOthersName = { ...bySomeone, signer: genuine.signer }
    for (const forged of [event, bySomeone, inOthersName])
      await assertAccessRefused(victim, forged, facts, Object.keys(rewriting).join())
  }
  const forAnother = await signAccessEvent(operator, genuine, elsewhere)
  await assertAccessRefused(victim, forAnother, facts, 'signed for another contract')
})

test('where an access was cannot be guessed from what the file says, and can be shown by who has the salt', async () => {
  const { victim, other, facts } = await openScene()
  await assertGenuine(victim, facts)
  const { name, salt } = victim.place
  const { location } = victim.event
  assert.is(commitLocation(name, salt), location, 'who has the salt can show the place')
  assert.is(other.place.name, name)
  assert.is.not(other.event.location, location, 'two accesses at one place have nothing in common')
  const places = [...Array.from({ length: 200 }, (_, n) => `Ward ${n}, Example Hospital`), name]
  const text = encodeEvidence(victim.evidence)
  const seen: readonly string[] = text.match(/0x[0-9a-f]{64}/g) ?? []
  assert.ok(seen.includes(location) && seen.length > 10)
  const salts = [new Uint8Array(32), ...new Set(seen)].map((one) =>
    typeof one === 'string' ? Buffer.from(one.slice(2), 'hex') : one,
  )
  for (const place of places) {
    const guesses = [hashOf(place), ...salts.map((guess) => hashOf(guess, place))]
    assert.not(guesses.includes(location), place)
  }
  assert.not(text.includes(Buffer.from(salt).toString('hex')) || text.includes(name))
})

test('lines that anyone can write under a genuine log are shown as what nobody here has checked, and lend it nothing', async () => {
  const { victim, facts } = await openScene()
  await assertGenuine(victim, facts)
  const { inclusion } = victim.evidence
  const made = (name: string): string => `— ${name} ${randomBytes(68).toString('base64')}`
  const court = made('VERIFIED-by-the-Federal-Court')
  const inItsName = made(formatLogOrigin(inclusion.log))
  const withLines = (signatures: readonly string[]): Evidence => ({
    ...victim.evidence,
    inclusion: { ...inclusion, signatures },
  })
  const added = [court, ...inclusion.signatures, inItsName, court]
  const checked = await check(withLines(added), facts, victim.content)
  assert.is(checked.verdict, 'verified', 'what is genuine stays so')
  assert.match(checked.parts[1]?.because ?? '', /2 signatures .* were not checked\.$/)
  const isShownAs = (standing: string, lines: readonly string[]): void =>
    assert.equal(
      checked.signatures.filter((signature) => signature.standing === standing).map(({ line }) => line),
      lines,
    )
  isShownAs('verified', inclusion.signatures)
  isShownAs('unknown', [court, inItsName])
  const file = readProofFile(fileOf(withLines(added)))
  for (const [label, value] of describePart(file, 'inclusion', checked))
    if (value.includes(court)) {
      assert.match(label, /^Not checked: /)
      assert.not.match(value, inclusion.signatures[0] ?? '', 'never beside one that was')
    }
  const { anchors: _, ...unasked } = facts
  const { anchor: __, ...unanchored } = withLines([court])
  const alone = await check(unanchored, unasked, victim.content)
  assert.is.not(alone.verdict, 'verified')
  assert.not(isVerified(alone, 'inclusion'))
})

/** Beside every other part, and alone with the record, where nothing else can contradict it. */
async function assertAccessRefused(
  { evidence, content }: Proving,
  event: SignedAccessEvent,
  facts: EvidenceFacts,
  what: string,
): Promise<void> {
  const { deployment, record } = evidence
  const access = { deliveries: [], events: [event] }
  for (const beside of [evidence, { deployment, record }]) {
    const checked = await check({ ...beside, access }, facts, content)
    assert.is(verdictOf(checked, 'access').split(' ')[0], 'broken', what)
    assert.is(checked.verdict, 'broken')
  }
}

/** A file with one value of it replaced by that of another, for each value that differs. */
function* spliceFields<T>(
  into: T,
  from: T,
  path: readonly string[],
): Generator<{ readonly at: string; readonly evidence: T }> {
  const [own, others] = [valueAt(into, path), valueAt(from, path)]
  const isInside = typeof own === 'object' && own !== null && !ArrayBuffer.isView(own)
  if (isInside) {
    for (const key of Object.keys(own)) yield* spliceFields(into, from, [...path, key])
    return
  }
  if (!isSame(own, others)) yield { at: path.join('.'), evidence: withValue(into, path, others) }
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, key) => (inner as Readonly<Record<string, unknown>> | undefined)?.[key], value)
}

function withValue<T>(value: T, [key, ...rest]: readonly string[], replacement: unknown): T {
  if (key === undefined) return replacement as T
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
  copy[key] = withValue(copy[key], rest, replacement)
  return copy as T
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function hashOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return `0x${hash.digest('hex')}`
}

test.run()
