import type { SignedAccessEvent } from './access-event.ts'
import { checkAccessEvent } from './access-event.ts'
import type { JsonValue } from './canonical-json.ts'
import { toCanonicalJson } from './canonical-json.ts'
import type { SignedDeletion } from './deletion.ts'
import { checkDeletion } from './deletion.ts'
import { ProofsError } from './errors.ts'
import type {
  AccessEvidence,
  AnchorEvidence,
  Evidence,
  EvidenceDeployment,
  RecordEvidence,
} from './evidence.ts'
import { EVIDENCE_PARTS, MAX_SIGNED_ITEMS } from './evidence.ts'
import { parseConsent } from './evidence-consent-parse.ts'
import { read } from './evidence-fields.ts'
import { parseOneForm } from './json-form.ts'
import { parseReceiptJson, receiptToJson } from './receipt-json.ts'

/** Media type of a bundle, its first key but one. */
export const EVIDENCE_TYPE = 'application/vnd.halo.evidence+json'
/** Largest accepted bundle, in UTF-8: 8 MiB. */
export const MAX_EVIDENCE_BYTES = 8_388_608

const VERSION = 1
/** RLP of a header or a node of the state: today below 700 bytes. */
const MAX_NODE_BYTES = 4_096
/** The state's tree is as deep as a hash has nibbles, 64. */
const MAX_PROOF_NODES = 65
const SIGNATURE_BYTES = 65

/**
 * A bundle as one line of canonical JSON (RFC 8785), for a file.
 * @throws ProofsError `BUNDLE_MALFORMED` {field} for what {@link parseEvidence} would refuse
 */
export function encodeEvidence(evidence: Evidence): string {
  const text = writeEvidence(checkEvidence(toFields(evidence)))
  if (new TextEncoder().encode(text).length > MAX_EVIDENCE_BYTES) throw read.invalid('size')
  return text
}

/**
 * A bundle from outside, in its one canonical form, with or without a line feed behind, which editors and
 * shells add; unknown parts, keys and versions are refused. Says nothing of whether it holds: `verifyEvidence` does.
 * @param bundle the file's bytes, or its text
 * @throws ProofsError `BUNDLE_MALFORMED` {field}; field `encoding` for what is not canonical
 */
export function parseEvidence(bundle: Uint8Array | string): Evidence {
  if (bundle.length > MAX_EVIDENCE_BYTES) throw read.invalid('size')
  const text = typeof bundle === 'string' ? bundle : decodeText(bundle)
  return parseOneForm(text, read, checkEvidence, encodeEvidence)
}

function writeEvidence(evidence: Evidence): string {
  return toCanonicalJson(toFields(evidence) as JsonValue)
}

function toFields({ inclusion, ...rest }: Evidence): Readonly<Record<string, unknown>> {
  const receipt = inclusion === undefined ? {} : { inclusion: receiptToJson(inclusion) }
  return { type: EVIDENCE_TYPE, version: VERSION, ...rest, ...receipt }
}

function checkEvidence(value: unknown): Evidence {
  checkVersion(value)
  const fields = read.map(value, 'encoding', ['type', 'version', 'deployment'], EVIDENCE_PARTS)
  const { record, inclusion, anchor, consent, access, deletion } = fields
  return {
    deployment: parseDeployment(fields.deployment),
    ...(record === undefined ? {} : { record: parseRecord(record) }),
    ...(inclusion === undefined ? {} : { inclusion: within('inclusion', () => parseReceiptJson(inclusion)) }),
    ...(anchor === undefined ? {} : { anchor: parseAnchor(anchor) }),
    ...(consent === undefined ? {} : { consent: parseConsent(consent) }),
    ...(access === undefined ? {} : { access: parseAccess(access) }),
    ...(deletion === undefined ? {} : { deletion: parseDeletions(deletion) }),
  }
}

/** Before any key: a later version may have others. */
function checkVersion(value: unknown): void {
  const { type, version } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (type !== EVIDENCE_TYPE) throw read.invalid('type')
  read.whole(version, 'version', VERSION, VERSION)
}

function parseDeployment(value: unknown): EvidenceDeployment {
  const { chainId, consent, escrow, anchor } = read.map(value, 'deployment', [
    'chainId',
    'consent',
    'escrow',
    'anchor',
  ])
  return {
    chainId: read.whole(chainId, 'deployment.chainId', 1),
    consent: read.address(consent, 'deployment.consent'),
    escrow: read.address(escrow, 'deployment.escrow'),
    anchor: read.address(anchor, 'deployment.anchor'),
  }
}

function parseRecord(value: unknown): RecordEvidence {
  const keys = ['recordCommitment', 'owner', 'descriptor', 'signature'] as const
  const fields = read.map(value, 'record', keys, ['opening'])
  const record = {
    recordCommitment: read.hexText(fields.recordCommitment, 'record.recordCommitment', 32),
    owner: read.address(fields.owner, 'record.owner'),
    descriptor: read.text(fields.descriptor, 'record.descriptor', 8_192),
    signature: read.hexText(fields.signature, 'record.signature', SIGNATURE_BYTES),
  }
  if (fields.opening === undefined) return record
  const { salt, metadata } = read.map(fields.opening, 'record.opening', ['salt', 'metadata'])
  const opening = {
    salt: read.hexText(salt, 'record.opening.salt', 32),
    metadata: read.hexText(metadata, 'record.opening.metadata', 0, 65_536),
  }
  return { ...record, opening }
}

function parseAnchor(value: unknown): AnchorEvidence {
  const fields = read.map(value, 'anchor', ['blockHeader', 'accountProof', 'storageProof'])
  const nodesAt = (nodes: unknown, field: string): AnchorEvidence['accountProof'] =>
    read.list(nodes, field, 1, MAX_PROOF_NODES).map((node) => read.hexText(node, field, 1, MAX_NODE_BYTES))
  return {
    blockHeader: read.hexText(fields.blockHeader, 'anchor.blockHeader', 1, MAX_NODE_BYTES),
    accountProof: nodesAt(fields.accountProof, 'anchor.accountProof'),
    storageProof: nodesAt(fields.storageProof, 'anchor.storageProof'),
  }
}

function parseAccess(value: unknown): AccessEvidence {
  const fields = read.map(value, 'access', ['deliveries', 'events'])
  const deliveries = read.list(fields.deliveries, 'access.deliveries', 0, MAX_SIGNED_ITEMS).map((item) => {
    const { operator, signature } = read.map(item, 'access.deliveries', ['operator', 'signature'])
    return {
      operator: read.address(operator, 'access.deliveries'),
      signature: read.hexText(signature, 'access.deliveries', SIGNATURE_BYTES),
    }
  })
  const least = deliveries.length === 0 ? 1 : 0
  const events = read.list(fields.events, 'access.events', least, MAX_SIGNED_ITEMS).map(parseEvent)
  return { deliveries, events }
}

function parseEvent(value: unknown): SignedAccessEvent {
  const keys = [
    'recordHash',
    'owner',
    'receiver',
    'timeSec',
    'location',
    'expirySec',
    'signer',
    'signature',
  ] as const
  const event = read.map(value, 'access.events', keys) as unknown as SignedAccessEvent
  return {
    ...within('access.events', () => checkAccessEvent(event)),
    signer: read.address(event.signer, 'access.events'),
    signature: read.hexText(event.signature, 'access.events', SIGNATURE_BYTES),
  }
}

function parseDeletions(value: unknown): readonly SignedDeletion[] {
  const keys = ['dataset', 'shareDestroyed', 'shardsDeleted', 'timeSec', 'operator', 'signature'] as const
  return read.list(value, 'deletion', 1, MAX_SIGNED_ITEMS).map((item) => {
    const deletion = read.map(item, 'deletion', keys) as unknown as SignedDeletion
    return {
      ...within('deletion', () => checkDeletion(deletion)),
      operator: read.address(deletion.operator, 'deletion'),
      signature: read.hexText(deletion.signature, 'deletion', SIGNATURE_BYTES),
    }
  })
}

/** What is wrong inside a part, as something wrong with the bundle. */
function within<T>(part: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (!(cause instanceof ProofsError)) throw cause
    throw read.invalid(`${part}.${cause.details['field']}`, cause)
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw read.invalid('encoding', cause)
  }
}
