import { nowSec } from '@halo/ports'
import { buildProvenance, canonicalJson, signProvenance } from '@halo/records'
import { WalletError } from './errors.ts'
import type { DatasetKey } from './keyring.ts'
import type { WalletContext } from './parts.ts'

/** Room that metadata leave for a Provenance, which takes about 1.2 kB. */
export const PROVENANCE_BYTES = 2048

/**
 * Metadata with a Provenance that the data set's key signs, as one more member of their JSON object.
 * The key and its address are of this data set alone, so that the signature ties nothing to other data.
 * @param sha256 of the record's bytes; null for a record that cannot be read ahead, which gets none
 * @throws WalletError `PUBLISHING_INVALID` {field: 'metadata'} when there is such a member already
 */
export async function addProvenance(
  context: Pick<WalletContext, 'clock'>,
  metadata: Uint8Array,
  sha256: Uint8Array | null,
  key: DatasetKey,
): Promise<Uint8Array> {
  const text = objectTextIn(metadata)
  if (sha256 === null || text === null) return metadata
  const recordedTime = new Date(nowSec(context.clock) * 1000).toISOString()
  const unsigned = buildProvenance({ targets: [{ sha256 }], recordedTime, author: key.address })
  const provenance = await signProvenance(unsigned, (digest) => key.signDigest(digest))
  // Spliced in, not written anew: the digits of what is there stay as they are.
  const members = text.slice(0, -1).trimEnd()
  const comma = members === '{' ? '' : ','
  return new TextEncoder().encode(`${members}${comma}"provenance":${canonicalJson(provenance)}}`)
}

/** The JSON text of an object, or null for anything else. */
function objectTextIn(metadata: Uint8Array): string | null {
  let value: unknown
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(metadata).trim()
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  if (!Object.hasOwn(value, 'provenance')) return text
  throw new WalletError(
    'PUBLISHING_INVALID',
    'The metadata have a member provenance, which is added on publishing. Nothing was stored.',
    { details: { field: 'metadata' } },
  )
}
