import type { JsonValue } from '@halo/records'
import { isObject, parseFhirJson, RecordsError, startTargetHash, verifyProvenance } from '@halo/records'

/** Follows a record's bytes and says in the end whether the Provenance sealed with them holds. */
export interface ProvenanceCheck {
  update(piece: Uint8Array): void
  /** Null when none was sealed with the record. */
  verdict(): boolean | null
}

/**
 * Checks the Provenance in a record's metadata: signed by the patient of the data set, for these bytes.
 * @param metadata what was sealed with the record
 * @param signer address of the data set
 */
export function checkProvenance(metadata: Uint8Array, signer: string): ProvenanceCheck {
  const provenance = provenanceIn(metadata)
  if (provenance === undefined) return { update: () => undefined, verdict: () => null }
  const hash = startTargetHash()
  return {
    update: (piece) => hash.update(piece),
    verdict: () => isGood(provenance, hash.digest(), signer),
  }
}

function isGood(provenance: JsonValue, sha256: Uint8Array, signer: string): boolean {
  try {
    verifyProvenance(provenance, { sha256, signer })
    return true
  } catch (error) {
    if (error instanceof RecordsError && error.code === 'SIGNATURE_INVALID') return false
    throw error
  }
}

/** Undefined when the metadata are no JSON object, or one without this member. */
function provenanceIn(metadata: Uint8Array): JsonValue | undefined {
  try {
    const value = parseFhirJson(new TextDecoder('utf-8', { fatal: true }).decode(metadata))
    return isObject(value) ? value['provenance'] : undefined
  } catch {
    return undefined
  }
}
