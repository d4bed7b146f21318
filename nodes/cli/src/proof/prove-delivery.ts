import { join } from 'node:path'
import type { ChainLedger } from '@halo/chain'
import { plainDeployment, writePrivateFile } from '@halo/node'
import { encodeEvidence } from '@halo/proofs'
import { readDeliverySource } from './delivery-source.ts'
import { operatorLines, readOperatorKeys } from './operators.ts'
import { assembleEvidence } from './proof-source.ts'
import { addChainProof } from './prove-anchor.ts'
import { refuseBroken } from './refuse-broken.ts'

/** Name of a proof that lies beside its delivery. */
export const DELIVERY_PROOF = 'proof.halo-proof.json'

/** Names of what says, beside a proof, whose it is checked against: keys of operators, and contracts. */
export const KNOWN_FILES = { operators: 'operators', network: 'network.json' } as const

/**
 * Writes all that a finished delivery and the chain have to show into one file beside it.
 * @returns the file's path
 * @throws CliError `FILE_UNREADABLE` or `PROOF_BROKEN`; ChainError
 */
export async function proveDelivery(dir: string, ledger: ChainLedger): Promise<string> {
  const source = await readDeliverySource(dir, true)
  const { evidence, proven } = await addChainProof(ledger, assembleEvidence(source, ledger.deployment))
  refuseBroken(evidence, proven?.hash ?? null)
  const path = join(dir, DELIVERY_PROOF)
  await writePrivateFile(path, encodeEvidence(evidence))
  return path
}

/** Writes down what a chain says of its operators and contracts, so that proofs are checked when it is gone. */
export async function keepKnown(dir: string, ledger: ChainLedger): Promise<void> {
  const lines = operatorLines(await readOperatorKeys(ledger))
  await writePrivateFile(join(dir, KNOWN_FILES.operators), lines.map((line) => `${line}\n`).join(''))
  const network = JSON.stringify(plainDeployment(ledger.deployment), null, 2)
  await writePrivateFile(join(dir, KNOWN_FILES.network), `${network}\n`)
}
