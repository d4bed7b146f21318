import { sha256 } from '@noble/hashes/sha2.js'
import { RecordsError } from '../errors.ts'
import { parseInstant } from '../text/date-time.ts'
import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import { asText, isObject, isResource } from '../text/fhir-json.ts'
import { bytesOfBase64, toBase64, toBase64Url } from './base64.ts'
import { signDetached, verifyDetached } from './jws-es256k.ts'

/** Signs a 32-byte digest as it is (no prefix, no further hash); gives r ‖ s, 64 bytes, or r ‖ s ‖ v, 65. */
export type SignDigest = (digest: Uint8Array) => Promise<Uint8Array> | Uint8Array

/** Something that a Provenance speaks of, named by what it holds: readings of a record have no id. */
export interface ProvenanceTarget {
  /** SHA-256 of the canonical bytes, 32 bytes: of NDJSON as a whole, or of one resource. */
  readonly sha256: Uint8Array
  /** Literal reference, such as `Observation/7`, where it has one. */
  readonly reference?: string | undefined
}

/** What a Provenance says. */
export interface ProvenanceParts {
  /** At least one. */
  readonly targets: readonly ProvenanceTarget[]
  /** FHIR instant, with seconds and offset. */
  readonly recordedTime: string
  /**
   * Address (EIP-55) of the key that signs. It should be in use for these data alone: an address used
   * twice ties together what it signed.
   */
  readonly author: string
  /** Name and version of the software that put the data together. */
  readonly assembler?: string | undefined
  /** What the data were made from. The hash of an original file links all that was made from it. */
  readonly sources?: readonly ProvenanceTarget[] | undefined
}

/** What a Provenance is checked against. */
export interface ProvenanceExpected {
  /** {@link hashTarget} of the data at hand. */
  readonly sha256: Uint8Array
  /** Address that has to have signed. */
  readonly signer: string
}

/** System of the addresses that stand for the author of one data set. */
const ADDRESSES = 'https://halo.example/fhir/NamingSystem/dataset-address'
/** Identifiers that are URIs. @see https://hl7.org/fhir/R4/identifier-registry.html */
const URIS = 'urn:ietf:rfc:3986'
const AGENT_TYPES = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type'
/** Author's signature. @see https://hl7.org/fhir/R4/valueset-signature-type.html */
const SIGNATURE_TYPE = { system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }

/**
 * A FHIR R4 Provenance, not yet signed.
 * @throws RecordsError `FIELD_INVALID`, naming the field
 * @see https://hl7.org/fhir/R4/provenance.html
 */
export function buildProvenance(parts: ProvenanceParts): FhirResource {
  const { targets, recordedTime, author, assembler, sources = [] } = parts
  if (targets.length === 0) throw fieldInvalid('targets', 'must not be empty')
  if (parseInstant(recordedTime) === null)
    throw fieldInvalid('recordedTime', 'must be a time with seconds and an offset')
  if (!/^0x[0-9a-fA-F]{40}$/.test(author))
    throw fieldInvalid('author', 'must be an address of 20 bytes in hex')
  const software =
    assembler === undefined ? [] : [agentOf('assembler', { type: 'Device', display: assembler })]
  const entities = sources.map((source) => ({ role: 'source', what: referenceTo(source) }))
  return {
    resourceType: 'Provenance',
    target: targets.map(referenceTo),
    recorded: recordedTime,
    agent: [agentOf('author', referenceToAuthor(author)), ...software],
    ...(entities.length === 0 ? {} : { entity: entities }),
  }
}

/**
 * Signs a Provenance: a detached JWS (ES256K) over the canonical JSON of all of it but the signature's
 * own bytes. As it holds the hashes of its targets, their bytes are signed too.
 * @param provenance of {@link buildProvenance}; its author is who signs
 * @throws RecordsError `FIELD_INVALID`; `SIGNATURE_INVALID` when `sign` signs with another key than the author's
 * @see https://www.rfc-editor.org/rfc/rfc7515#appendix-F
 * @see https://www.rfc-editor.org/rfc/rfc8812#section-3.2
 */
export async function signProvenance(provenance: FhirResource, sign: SignDigest): Promise<FhirResource> {
  const signer = authorOf(provenance)
  if (provenance['signature'] !== undefined) throw fieldInvalid('signature', 'must not be there yet')
  const unsigned = { ...provenance, signature: [signatureOf(signer, asText(provenance['recorded']))] }
  const jws = await signDetached(unsigned, signer, sign)
  const data = toBase64(new TextEncoder().encode(jws))
  return { ...unsigned, signature: unsigned.signature.map((signature) => ({ ...signature, data })) }
}

/**
 * Checks that a Provenance was signed by this signer, as author, for these data. Anyone can sign: the
 * signer has to be known from elsewhere, such as the data set's anchor.
 * @returns when it was recorded, as the signer says
 * @throws RecordsError `SIGNATURE_INVALID`
 */
export function verifyProvenance(
  provenance: JsonValue,
  { sha256: digest, signer }: ProvenanceExpected,
): { readonly recordedTime: string } {
  if (!isResource(provenance) || provenance.resourceType !== 'Provenance') throw invalid('is none')
  const author = authorOf(provenance)
  if (!isSameAddress(author, signer)) throw invalid('has another author')
  const { unsigned, jws } = takeSignature(provenance, author)
  if (!verifyDetached(unsigned, jws, author)) throw invalid('is not signed by its author')
  const wanted = nameOf(digest)
  const targets = provenance['target']
  const isTarget = Array.isArray(targets) && targets.some((target) => uriIn(target) === wanted)
  if (!isTarget) throw invalid('speaks of other data')
  return { recordedTime: asText(provenance['recorded']) }
}

/** A running SHA-256 of what a target's name needs. */
export interface TargetHash {
  update(piece: Uint8Array): void
  /** 32 bytes; ends the hash. */
  digest(): Uint8Array
}

/** Starts hashing data that come piece by piece. */
export function startTargetHash(): TargetHash {
  const hash = sha256.create()
  return { update: (piece) => void hash.update(piece), digest: () => hash.digest() }
}

/** SHA-256 of data, however long, as a target's name needs it. */
export async function hashTarget(data: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const hash = startTargetHash()
  for await (const piece of data) hash.update(piece)
  return hash.digest()
}

function agentOf(type: 'author' | 'assembler', who: JsonValue): JsonValue {
  return { type: { coding: [{ system: AGENT_TYPES, code: type }] }, who }
}

function referenceToAuthor(address: string): JsonValue {
  return { type: 'Patient', identifier: { system: ADDRESSES, value: address } }
}

function referenceTo({ sha256: digest, reference }: ProvenanceTarget): JsonValue {
  if (digest.length !== 32) throw fieldInvalid('sha256', 'must be 32 bytes')
  const identifier = { system: URIS, value: nameOf(digest) }
  return reference === undefined ? { identifier } : { reference, identifier }
}

/** A name that is the hash. @see https://www.rfc-editor.org/rfc/rfc6920#section-3 */
function nameOf(digest: Uint8Array): string {
  return `ni:///sha-256;${toBase64Url(digest)}`
}

function uriIn(reference: JsonValue | undefined): string | null {
  return identifierIn(reference, URIS)
}

function identifierIn(reference: JsonValue | undefined, system: string): string | null {
  const identifier = isObject(reference) ? reference['identifier'] : undefined
  if (!isObject(identifier) || identifier['system'] !== system) return null
  const value = identifier['value']
  return typeof value === 'string' ? value : null
}

function signatureOf(signer: string, when: string): { readonly [key: string]: JsonValue } {
  return {
    type: [SIGNATURE_TYPE],
    when,
    who: referenceToAuthor(signer),
    targetFormat: 'application/fhir+json',
    sigFormat: 'application/jose',
  }
}

/** Address of the first agent, whom `buildProvenance` makes the author. */
function authorOf(provenance: FhirResource): string {
  const agents = provenance['agent']
  const [first] = Array.isArray(agents) ? (agents as readonly JsonValue[]) : []
  const author = isObject(first) ? identifierIn(first['who'], ADDRESSES) : null
  if (author === null) throw invalid('names no author by address')
  return author
}

/** The one signature's bytes, and all the rest. */
function takeSignature(
  provenance: FhirResource,
  signer: string,
): { readonly unsigned: FhirResource; readonly jws: string } {
  const list = provenance['signature']
  const [signature, ...more] = Array.isArray(list) ? (list as readonly JsonValue[]) : []
  if (!isObject(signature) || more.length > 0) throw invalid('has not one signature')
  const { data, ...rest } = signature
  if (typeof data !== 'string') throw invalid('has a signature without data')
  if (!isSameAddress(identifierIn(rest['who'], ADDRESSES) ?? '', signer))
    throw invalid('has a signature that names somebody else')
  return { unsigned: { ...provenance, signature: [rest] }, jws: jwsIn(data) }
}

function jwsIn(data: string): string {
  const bytes = bytesOfBase64(data)
  if (bytes === null) throw invalid('has a signature that is not base64')
  return new TextDecoder('latin1').decode(bytes)
}

function isSameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function fieldInvalid(field: string, what: string): RecordsError {
  return new RecordsError('FIELD_INVALID', `The field ${field} of a Provenance ${what}.`, { field })
}

function invalid(what: string): RecordsError {
  return new RecordsError('SIGNATURE_INVALID', `The Provenance ${what}. Do not rely on it.`)
}
