/**
 * Writes the vectors of receipts, access events and deletions to test/vectors/proofs, from fixed inputs:
 * `node --conditions=@halo/source packages/proofs/scripts/make-receipt-vectors.ts`. A change of their bytes
 * is a change of format and needs a new version. The tests read the files and never make them.
 */
import { writeFileSync } from 'node:fs'
import { encode } from '@ipld/dag-cbor'
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import type { Receipt, ReceiptJson } from '../src/index.ts'
import {
  commitLocation,
  encodeReceipt,
  formatLogOrigin,
  receiptToJson,
  signAccessEvent,
  signDeletion,
} from '../src/index.ts'
import {
  addressOf,
  DOMAIN,
  id32,
  OPERATORS,
  PATIENT,
  RESEARCHER,
  STRANGER,
} from '../test/evidence-samples.ts'
import { bytes32Of, LOG, receiptOf, signatureLine } from '../test/receipt-samples.ts'

const SIGNATURES = [signatureLine(formatLogOrigin(LOG), 'log'), signatureLine('witness.example', 'w')]
const LARGEST = Number.MAX_SAFE_INTEGER

const VALID: Readonly<Record<string, Receipt>> = {
  'a log of one record': receiptOf(0),
  'a path of five, with signatures and further lines': receiptOf(5, {
    index: 17,
    signatures: SIGNATURES,
    extension: ['further', 'lines'],
  }),
  'no salt any more': receiptOf(3, { salt: null }),
  'not anchored yet': receiptOf(3, { anchor: null, signatures: SIGNATURES }),
  'anchored, transaction unknown': receiptOf(2, { anchor: { txHash: null, block: 0, atSec: 0 } }),
  'the largest numbers': receiptOf(53, {
    index: LARGEST - 1,
    size: LARGEST,
    log: { ...LOG, chainId: LARGEST },
    anchor: { txHash: bytes32Of('t'), block: LARGEST, atSec: LARGEST },
  }),
}

const BASE = receiptOf(2, { signatures: SIGNATURES, extension: ['one'] })
const GOOD = encodeReceipt(BASE)
const CONTRACT = hexToBytes(LOG.contract.slice(2))
const OPERATOR = hexToBytes(LOG.operator.slice(2))
const ITEMS: readonly unknown[] = [
  1,
  BASE.commitment,
  BASE.salt,
  BASE.index,
  BASE.size,
  concatBytes(...BASE.path),
  BASE.root,
  [LOG.chainId, CONTRACT, OPERATOR],
  BASE.extension,
  BASE.signatures,
  [BASE.anchor?.txHash, BASE.anchor?.block, BASE.anchor?.atSec],
]
const zeros = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes)
const put = (at: number, value: unknown): Uint8Array => encode(ITEMS.with(at, value))

const INVALID_CBOR: readonly (readonly [name: string, bytes: Uint8Array, field: string])[] = [
  ['nothing', zeros(0), 'encoding'],
  ['a map', encode({ version: 1 }), 'encoding'],
  ['a field too many', encode([...ITEMS, null]), 'encoding'],
  ['a field too few', encode(ITEMS.slice(0, 10)), 'encoding'],
  ['a byte behind', concatBytes(GOOD, zeros(1)), 'encoding'],
  [
    'a long form of the version',
    concatBytes(GOOD.subarray(0, 1), Uint8Array.of(0x18, 1), GOOD.subarray(2)),
    'encoding',
  ],
  [
    'a list of open length',
    concatBytes(Uint8Array.of(0x9f), GOOD.subarray(1), Uint8Array.of(0xff)),
    'encoding',
  ],
  ['version 2', put(0, 2), 'version'],
  [
    'version as a float',
    concatBytes(GOOD.subarray(0, 1), Uint8Array.of(0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0), GOOD.subarray(2)),
    'encoding',
  ],
  ['commitment of 31 bytes', put(1, zeros(31)), 'commitment'],
  ['commitment as text', put(1, 'c'.repeat(32)), 'commitment'],
  ['salt of 33 bytes', put(2, zeros(33)), 'salt'],
  ['salt of no bytes', put(2, zeros(0)), 'salt'],
  ['index beyond the size', put(3, 4), 'index'],
  ['index below zero', put(3, -1), 'index'],
  ['size zero', put(4, 0), 'size'],
  ['size beyond 2^53', put(4, 2n ** 53n), 'size'],
  ['path cut inside a hash', put(5, zeros(63)), 'path'],
  ['path of 54 hashes', put(5, zeros(54 * 32)), 'path'],
  ['root of 0 bytes', put(6, zeros(0)), 'root'],
  ['log without operator', put(7, [31_337, CONTRACT]), 'log'],
  ['contract of 21 bytes', put(7, [31_337, zeros(21), OPERATOR]), 'log.contract'],
  ['chain 0', put(7, [0, CONTRACT, OPERATOR]), 'log.chainId'],
  ['an empty further line', put(8, ['']), 'extension'],
  ['a further line with a line end', put(8, ['a\nb']), 'extension'],
  ['17 further lines', put(8, Array(17).fill('a')), 'extension'],
  ['a signature without dash', put(9, [SIGNATURES[0]?.slice(2)]), 'signatures'],
  ['a signature with a line end', put(9, [`${SIGNATURES[0]}\n`]), 'signatures'],
  ['65 signatures', put(9, Array(65).fill('— a AAAAAAA=')), 'signatures'],
  ['anchor with four items', put(10, [null, 1, 2, 3]), 'anchor'],
  ['anchor before time began', put(10, [null, 1, -2]), 'anchor.atSec'],
  ['anchor in half a block', put(10, [null, 0.5, 2]), 'anchor.block'],
]

const JSON_BASE = receiptToJson(BASE)
const json = (changes: Readonly<Record<string, unknown>>): unknown => ({ ...JSON_BASE, ...changes })
const lacking = (name: keyof ReceiptJson): unknown => {
  const { [name]: _, ...rest } = JSON_BASE
  return rest
}

const INVALID_JSON: readonly (readonly [name: string, json: unknown, field: string])[] = [
  ['null', null, 'encoding'],
  ['a list', [], 'encoding'],
  ['an unknown field', json({ note: '' }), 'encoding'],
  ['no root', lacking('root'), 'encoding'],
  ['another type', json({ type: 'application/json' }), 'type'],
  ['version 2', json({ version: 2 }), 'version'],
  ['version as text', json({ version: '1' }), 'version'],
  [
    'commitment in upper case',
    json({ commitment: `0x${JSON_BASE.commitment.slice(2).toUpperCase()}` }),
    'commitment',
  ],
  ['commitment without 0x', json({ commitment: JSON_BASE.commitment.slice(2) }), 'commitment'],
  ['commitment too long', json({ commitment: `${JSON_BASE.commitment}00` }), 'commitment'],
  ['salt as empty text', json({ salt: '' }), 'salt'],
  ['index as text', json({ index: '0' }), 'index'],
  ['index in a fraction', json({ index: 0.5 }), 'index'],
  ['index of the size', json({ index: 4 }), 'index'],
  ['size beyond 2^53', json({ size: 2 ** 53 }), 'size'],
  ['path as text', json({ path: JSON_BASE.path[0] }), 'path'],
  ['a short hash in the path', json({ path: [JSON_BASE.path[0], '0x00'] }), 'path'],
  ['root with a letter too far', json({ root: `${JSON_BASE.root.slice(0, -1)}g` }), 'root'],
  ['log with another field', json({ log: { ...LOG, name: '' } }), 'log'],
  [
    'contract in mixed case',
    json({ log: { ...LOG, contract: LOG.contract.replace('dc', 'Dc') } }),
    'log.contract',
  ],
  ['operator missing', json({ log: { chainId: LOG.chainId, contract: LOG.contract } }), 'log'],
  ['a signature of a lone surrogate', json({ signatures: ['— \ud800 AAAA'] }), 'signatures'],
  ['further lines as one text', json({ extension: 'one' }), 'extension'],
  ['anchor without block', json({ anchor: { txHash: null, atSec: 1 } }), 'anchor'],
  ['block below zero', json({ anchor: { txHash: null, block: -1, atSec: 1 } }), 'anchor.block'],
  [
    'transaction of 31 bytes',
    json({ anchor: { txHash: `0x${'00'.repeat(31)}`, block: 1, atSec: 1 } }),
    'anchor.txHash',
  ],
]

const EVENT = {
  recordHash: id32('a'),
  owner: addressOf(PATIENT),
  receiver: addressOf(RESEARCHER),
  timeSec: 1_790_000_000,
  location: commitLocation('Ward 3, Example Hospital', bytes32Of('location')),
  expirySec: 1_790_604_800,
}
const DELETION = { dataset: id32('a'), shareDestroyed: true, shardsDeleted: 2, timeSec: 1_790_700_000 }
const [FIRST, SECOND] = OPERATORS as readonly [typeof PATIENT, typeof PATIENT]

function write(name: string, value: unknown): void {
  const file = new URL(`../../../test/vectors/proofs/${name}.json`, import.meta.url)
  writeFileSync(file, `${JSON.stringify(value, null, 1)}\n`)
}

write('receipt', {
  note: 'Receipts version 1: canonical dag-cbor (hex) and JSON of the same receipt. Byte strings are SHA-256 of short texts; whether the paths hold does not matter here.',
  valid: Object.entries(VALID).map(([name, receipt]) => ({
    name,
    cbor: bytesToHex(encodeReceipt(receipt)),
    json: receiptToJson(receipt),
  })),
  invalidCbor: INVALID_CBOR.map(([name, bytes, field]) => ({ name, cbor: bytesToHex(bytes), field })),
  invalidJson: INVALID_JSON.map(([name, value, field]) => ({ name, json: value, field })),
})

write('event', {
  note: 'EIP-712, name Halo, version 1. Keys of the signers are one hex digit repeated.',
  domain: DOMAIN,
  events: [
    await signAccessEvent(FIRST, EVENT, DOMAIN),
    await signAccessEvent(
      PATIENT,
      { ...EVENT, receiver: addressOf(STRANGER), timeSec: 0, expirySec: 0 },
      DOMAIN,
    ),
  ],
  deletions: [
    await signDeletion(FIRST, DELETION, DOMAIN),
    await signDeletion(
      SECOND,
      { ...DELETION, shareDestroyed: false, shardsDeleted: 0xffff_ffff, timeSec: 253_402_300_799 },
      DOMAIN,
    ),
  ],
})
