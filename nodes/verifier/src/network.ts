import type { EvidenceDeployment, Hex } from '@halo/proofs'
import { checksumAddress } from '@halo/proofs'
import { VerifierError } from './errors.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * The contracts that signatures are made for, from the text of a network file.
 * @throws VerifierError `KNOWN_INVALID`
 * @see deploy/networks/network.schema.json
 */
export function parseNetwork(text: string): EvidenceDeployment {
  const fields = readFields(text)
  return {
    chainId: readChainId(fields['chainId']),
    consent: readAddress(fields, 'consent'),
    escrow: readAddress(fields, 'escrow'),
    anchor: readAddress(fields, 'anchor'),
  }
}

function readFields(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  } catch (cause) {
    throw invalid('it is not JSON', cause)
  }
  throw invalid('it is no object of JSON')
}

/** Such files have large ids as text; bundles hold none from 2^53 on. */
function readChainId(value: unknown): number {
  const chainId = typeof value === 'string' && /^[1-9][0-9]*$/.test(value) ? Number(value) : value
  if (typeof chainId === 'number' && Number.isSafeInteger(chainId) && chainId > 0) return chainId
  throw invalid('chainId has to be a whole number above 0 and below 2^53')
}

function readAddress(fields: Fields, name: string): Hex {
  const value = fields[name]
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(value))
    throw invalid(`${name} has to be 0x and 40 hex digits`)
  const address = checksumAddress(value)
  // Mixed case guards against typing errors; in one case there is nothing to compare.
  const isGuarded = /[a-f]/.test(value.slice(2)) && /[A-F]/.test(value)
  if (isGuarded && value !== address)
    throw invalid(`${name} was mistyped: its upper and lower case do not fit`)
  return address
}

function invalid(what: string, cause?: unknown): VerifierError {
  const message = `The network file is not valid: ${what}. Take all of it from who runs the Halo you mean.`
  return new VerifierError('KNOWN_INVALID', message, { cause })
}
