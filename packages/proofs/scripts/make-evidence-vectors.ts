/**
 * Writes the vectors of evidence bundles to test/vectors/proofs, from fixed inputs:
 * `node --conditions=@halo/source packages/proofs/scripts/make-evidence-vectors.ts`. With `--anchor` it asks
 * a local chain for a new proof of the anchor first. A change of the format needs a new version. The tests
 * read the files and never make them.
 */
import { writeFileSync } from 'node:fs'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Evidence, EvidenceFacts, Hex } from '../src/index.ts'
import { encodeEvidence, parseEvidence, signAccessEvent, verifyEvidence } from '../src/index.ts'
import { anchorOnChain } from '../test/anchored-chain.ts'
import {
  datasetOf,
  logRecord,
  makeEvidence,
  requestFor,
  signConsent,
  signRecord,
} from '../test/evidence-bundle.ts'
import { DOMAIN, id32, OPERATORS, PATIENT, RESEARCHER } from '../test/evidence-samples.ts'
import { compileLogAnchor } from '../test/log-anchor.ts'

function write(name: string, value: unknown): void {
  const file = new URL(`../../../test/vectors/proofs/${name}.json`, import.meta.url)
  writeFileSync(file, `${JSON.stringify(value, null, 1)}\n`)
}

/** Some roots later, so that the proof goes through branches. */
async function writeAnchor(): Promise<void> {
  const { root, size } = logRecord(await signRecord(), null)
  const later = [9, 12, 30, 31].map((at): readonly [number, Hex] => [at, id32(String(at % 10))])
  const roots: readonly (readonly [number, Hex])[] = [[size, `0x${bytesToHex(root)}`], ...later]
  write('evidence-anchor', {
    note: 'What Anvil gave for a root in contracts/src/LogAnchor.sol: EIP-1186 proof, and the RLP of the header from eth_getBlockByNumber.',
    anchor: await anchorOnChain(compileLogAnchor(), OPERATORS[0] as (typeof OPERATORS)[number], roots),
  })
}

/** What is wrong with a bundle: its text, or another value (or none) at a path of the first valid one. */
type Fault = { readonly text: string } | { readonly path: string; readonly value?: unknown }

function listFaults(evidence: Evidence): readonly (readonly [name: string, fault: Fault, field: string])[] {
  const empty = encodeEvidence({ deployment: evidence.deployment })
  const fields = JSON.parse(empty) as Readonly<Record<string, unknown>>
  const { record, consent, deletion, deployment } = evidence
  const answers = consent?.answers ?? []
  return [
    ['nothing', { text: '' }, 'encoding'],
    ['null', { text: 'null' }, 'type'],
    ['a list', { text: '[]' }, 'type'],
    ['cut off', { text: empty.slice(0, -1) }, 'encoding'],
    ['two line feeds behind', { text: `${empty}\n\n` }, 'encoding'],
    ['a carriage return behind', { text: `${empty}\r\n` }, 'encoding'],
    ['spaces', { text: JSON.stringify(fields, null, 1) }, 'encoding'],
    ['keys in another order', { text: JSON.stringify({ version: 1, ...fields }) }, 'encoding'],
    ['a key twice', { text: empty.replace('"version":1', '"version":1,"version":1') }, 'encoding'],
    ['a byte order mark', { text: `\ufeff${empty}` }, 'encoding'],
    ['another type', { path: 'type', value: 'application/json' }, 'type'],
    [
      'version 2, which may have other parts',
      { text: JSON.stringify({ later: 1, ...fields, version: 2 }) },
      'version',
    ],
    ['version as text', { path: 'version', value: '1' }, 'version'],
    ['no version', { path: 'version' }, 'version'],
    ['a part that is not known', { path: 'diagnosis', value: {} }, 'encoding'],
    ['no deployment', { path: 'deployment' }, 'encoding'],
    ['a part that is null', { path: 'record', value: null }, 'record'],
    ['chain 0', { path: 'deployment.chainId', value: 0 }, 'deployment.chainId'],
    [
      'a contract in lower case',
      { path: 'deployment.escrow', value: deployment.escrow.toLowerCase() },
      'deployment.escrow',
    ],
    ['a contract too many', { path: 'deployment.token', value: deployment.escrow }, 'deployment'],
    [
      'commitment of 31 bytes',
      { path: 'record.recordCommitment', value: `0x${'00'.repeat(31)}` },
      'record.recordCommitment',
    ],
    [
      'owner in upper case',
      { path: 'record.owner', value: `0x${record?.owner.slice(2).toUpperCase()}` },
      'record.owner',
    ],
    [
      'a description of a lone surrogate',
      { path: 'record.descriptor', value: '\ud800' },
      'record.descriptor',
    ],
    ['a description too long', { path: 'record.descriptor', value: 'x'.repeat(8_193) }, 'record.descriptor'],
    [
      'a signature of 64 bytes',
      { path: 'record.signature', value: `0x${'00'.repeat(64)}` },
      'record.signature',
    ],
    [
      'a signature in upper case',
      { path: 'record.signature', value: `0x${'AA'.repeat(65)}` },
      'record.signature',
    ],
    ['an opening without salt', { path: 'record.opening.salt' }, 'record.opening'],
    ['metadata of half a byte', { path: 'record.opening.metadata', value: '0xa' }, 'record.opening.metadata'],
    ['a receipt with an index of the size', { path: 'inclusion.index', value: 7 }, 'inclusion.index'],
    ['a receipt of version 2', { path: 'inclusion.version', value: 2 }, 'inclusion.version'],
    ['a receipt with an unknown field', { path: 'inclusion.note', value: '' }, 'inclusion.encoding'],
    ['no header', { path: 'anchor.blockHeader', value: '0x' }, 'anchor.blockHeader'],
    ['no nodes', { path: 'anchor.storageProof', value: [] }, 'anchor.storageProof'],
    ['66 nodes', { path: 'anchor.accountProof', value: Array(66).fill('0x80') }, 'anchor.accountProof'],
    [
      'a node too large',
      { path: 'anchor.storageProof', value: [`0x${'00'.repeat(4_097)}`] },
      'anchor.storageProof',
    ],
    ['no answer', { path: 'consent.answers', value: [] }, 'consent.answers'],
    ['withdrawn before granted', { path: 'consent.answers', value: answers.toReversed() }, 'consent.answers'],
    ['granted twice', { path: 'consent.answers', value: [answers[0], answers[0]] }, 'consent.answers'],
    [
      'an answer of another kind',
      { path: 'consent.answers', value: [{ ...answers[0], kind: 'Maybe' }] },
      'consent.answers',
    ],
    ['a price with a leading zero', { path: 'consent.request.price', value: '01' }, 'consent.request.price'],
    ['a price as a number', { path: 'consent.request.price', value: 1 }, 'consent.request.price'],
    ['a price of 2^128', { path: 'consent.request.price', value: `${2n ** 128n}` }, 'consent.request.price'],
    [
      'times in milliseconds',
      { path: 'consent.request.answerBySec', value: 1_800_000_000_000 },
      'consent.request.answerBySec',
    ],
    ['a request without nonce', { path: 'consent.request.nonce' }, 'consent.request'],
    ['nobody who had access', { path: 'access', value: { deliveries: [], events: [] } }, 'access.events'],
    [
      'an access that ended before it began',
      { path: 'access.events.0.expirySec', value: 0 },
      'access.events.expirySec',
    ],
    ['an access without place', { path: 'access.events.0.location' }, 'access.events'],
    ['a place in clear', { path: 'access.events.0.location', value: 'Ward 3' }, 'access.events.location'],
    ['a delivery without operator', { path: 'access.deliveries.0.operator' }, 'access.deliveries'],
    ['nothing deleted', { path: 'deletion', value: [] }, 'deletion'],
    [
      'a deletion of nothing',
      { path: 'deletion.0', value: { ...deletion?.[0], shareDestroyed: false, shardsDeleted: 0 } },
      'deletion.shardsDeleted',
    ],
    [
      'a deletion that says neither yes nor no',
      { path: 'deletion.0.shareDestroyed', value: 'yes' },
      'deletion.shareDestroyed',
    ],
  ]
}

async function listValid(whole: Evidence): Promise<Readonly<Record<string, Evidence>>> {
  const { anchor, ...unproven } = whole
  const { record, inclusion, consent, deployment } = whole
  const event = whole.access?.events[0]
  if (!record || !inclusion || !consent || !anchor || !event) throw new Error('The sample lacks a part.')
  const { record: _record, ...unrecorded } = unproven
  const { consent: _consent, ...unrequested } = unproven
  const { opening: _, ...closed } = record
  const other = await signRecord('{"kind":"tremor"}', Uint8Array.of(1))
  return {
    'every part': whole,
    nothing: { deployment },
    'the record alone, without its opening': { deployment, record: closed },
    'no proof of the chain': unproven,
    'salt deleted': { ...unproven, inclusion: { ...inclusion, salt: null, anchor: null } },
    'refused, and yet delivered': {
      ...whole,
      consent: await signConsent(requestFor(datasetOf(record)), ['Decline']),
    },
    'a receipt of another record': { ...unproven, inclusion: logRecord(other, null) },
    'no record, and a receipt of another one': { ...unrecorded, inclusion: logRecord(other, null) },
    'no request, and the word of the receiver alone': {
      ...unrequested,
      access: { deliveries: [], events: [await signAccessEvent(RESEARCHER, event, DOMAIN)] },
    },
    'an access before the request can have been made': {
      ...whole,
      access: { deliveries: [], events: [await signAccessEvent(PATIENT, { ...event, timeSec: 1 }, DOMAIN)] },
    },
    'a record signed by somebody else': {
      ...whole,
      record: { ...record, signature: consent.answers[0]?.signature ?? '0x' },
    },
    'a proof of the chain that lacks a node': {
      ...whole,
      anchor: { ...anchor, storageProof: anchor.storageProof.slice(0, -1) },
    },
  }
}

if (process.argv.includes('--anchor')) await writeAnchor()
const { evidence, facts } = await makeEvidence()
const { deployment, recordCommitment, operators = [], blockHash } = facts
const known = { deployment, recordCommitment, operators, blockHash } as EvidenceFacts
write('evidence', {
  note: 'Evidence bundles version 1. A file holds the bundle as canonical JSON (RFC 8785): JSON.stringify of the value here, keys in this order; a line feed may follow. Keys of the signers are one hex digit repeated; the anchor is that of evidence-anchor.json. An invalid bundle is a text, or the first valid one with another value at a path, or without it.',
  facts: {
    ...known,
    operators: operators.map(({ address, logKey }) => ({
      address,
      ...(logKey && { logKey: bytesToHex(logKey) }),
    })),
  },
  valid: Object.entries(await listValid(evidence)).map(([name, bundle]) => {
    const text = encodeEvidence(bundle)
    const { parts } = verifyEvidence(parseEvidence(text), known)
    return { name, bundle: JSON.parse(text) as unknown, reasons: parts.map(({ reason }) => reason) }
  }),
  invalid: listFaults(evidence).map(([name, fault, field]) => ({
    name,
    ...('text' in fault ? fault : { ...fault, path: fault.path.split('.') }),
    field,
  })),
})
