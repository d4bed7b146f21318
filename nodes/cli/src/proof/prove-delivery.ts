import { join } from 'node:path'
import type { ChainLedger } from '@halo/chain'
import { writePrivateFile } from '@halo/node'
import { encodeEvidence } from '@halo/proofs'
import { readDeliverySource } from './delivery-source.ts'
import { assembleEvidence } from './proof-source.ts'
import { addChainProof } from './prove-anchor.ts'
import { refuseBroken } from './refuse-broken.ts'

/** Name of a proof that lies beside its delivery. */
export const DELIVERY_PROOF = 'proof.halo-proof.json'

/**
 * Writes all that a finished delivery and the chain have to show into one file beside it.
 * @returns the file's path
 * @throws CliError `FILE_UNREADABLE` or `PROOF_BROKEN`; ChainError
 */
export async function proveDelivery(dir: string, ledger: ChainLedger): Promise<string> {
  const source = await readDeliverySource(dir, true)
  const { evidence, blockHash } = await addChainProof(ledger, assembleEvidence(source, ledger.deployment))
  refuseBroken(evidence, blockHash)
  const path = join(dir, DELIVERY_PROOF)
  await writePrivateFile(path, encodeEvidence(evidence))
  return path
}
