import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConsentEvidence, Hex } from '@halo/proofs'
import { DELIVERY_FILES } from '../delivery-dir.ts'
import { CliError } from '../errors.ts'
import type { ProofSource } from './proof-source.ts'

/** The parts of a delivery's manifest.json that a proof is made of; bytes are hex without `0x`. */
interface PlainDelivery {
  readonly proof: {
    readonly metadata: string
    readonly salt: string
    readonly entry: {
      readonly commitment: Hex
      readonly patient: Hex
      readonly descriptor: string
      readonly signature: Hex
      readonly receipt: string
    }
  }
  readonly evidence: {
    readonly request: ConsentEvidence['request']
    readonly consent: ConsentEvidence['answers'][number]
    readonly deliveries: readonly Hex[]
  }
}

/**
 * What a delivery holds for a proof. Its fields are checked when the bundle is written.
 * @param dir as `halo research collect` wrote it
 * @throws CliError `FILE_UNREADABLE`
 */
export async function readDeliverySource(dir: string, withOpening: boolean): Promise<ProofSource> {
  const { proof, evidence } = await readManifest(join(dir, DELIVERY_FILES.manifest), dir)
  const { commitment, patient, descriptor, signature, receipt } = proof.entry
  return {
    recordCommitment: commitment,
    owner: patient,
    descriptor,
    signature,
    receipt: Uint8Array.from(Buffer.from(receipt, 'hex')),
    opening: withOpening ? { salt: `0x${proof.salt}`, metadata: `0x${proof.metadata}` } : null,
    consent: { request: evidence.request, answers: [evidence.consent] },
    deliveries: evidence.deliveries,
  }
}

async function readManifest(path: string, dir: string): Promise<PlainDelivery> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const message = `There is no delivery in ${dir}. Name the directory that halo research collect wrote.`
    throw new CliError('FILE_UNREADABLE', message, { cause })
  })
  const found = parseOrNull(text)
  if (isDelivery(found)) return found
  throw new CliError(
    'FILE_UNREADABLE',
    `The manifest in ${dir} holds nothing to make a proof of: it is damaged, or of an earlier version. Collect the record again.`,
  )
}

function parseOrNull(text: string): Partial<PlainDelivery> | null {
  try {
    return JSON.parse(text) as Partial<PlainDelivery> | null
  } catch {
    return null
  }
}

function isDelivery(value: Partial<PlainDelivery> | null): value is PlainDelivery {
  const { entry } = value?.proof ?? {}
  const isEntry = typeof entry?.receipt === 'string' && typeof value?.proof?.salt === 'string'
  return isEntry && typeof value?.proof?.metadata === 'string' && Array.isArray(value?.evidence?.deliveries)
}
