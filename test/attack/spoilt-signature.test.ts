import { randomBytes } from 'node:crypto'
import type { CatalogueEntry } from '@halo/ports'
import { peerKeyOf } from '@halo/ports'
import { decodeReceipt, encodeReceipt } from '@halo/proofs'
import { checkProof } from '@halo/verifier'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evidenceDeployment } from '../../nodes/cli/src/proof/facts.ts'
import { assembleEvidence } from '../../nodes/cli/src/proof/proof-source.ts'
import type { LocalNetwork } from '../fixture/local-network.ts'
import { startLocalNetwork } from '../fixture/local-network.ts'
import { publishFresh } from './agreement.ts'
import { replaceByLiar } from './liar.ts'

const test = suite('attack/spoilt-signature')
const SHAPE = { dataShards: 2, parityShards: 1, threshold: 2 }

type Spoil = (lines: readonly string[]) => readonly string[]

/** The same name and key with one bit of the signature turned. */
function turnBit(line: string): string {
  const [dash = '', name = '', base64 = ''] = line.split(' ')
  const bytes = Buffer.from(base64, 'base64')
  bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20)
  return [dash, name, bytes.toString('base64')].join(' ')
}

const spoilAll: Spoil = (lines) => lines.map(turnBit)

const SPOILS: Readonly<Record<string, Spoil>> = {
  'taken off': () => [],
  'one bit turned': spoilAll,
  'a wrong one under the right one': (lines) => [...lines, ...lines.map(turnBit)],
  'one of a court that never signed': (lines) =>
    lines.flatMap((line) => [line, `— court.example ${line.split(' ').at(-1)}`]),
}

test('a member that takes off or spoils what others signed breaks no proof that a researcher makes, and gets nobody blamed', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  const { holding, key } = await publishFresh(network, randomBytes(9_000), SHAPE)
  const { commitment, descriptor, signature, receipt } = holding
  assert.ok(signature && receipt)
  const entry: CatalogueEntry = { commitment, patient: key.address, descriptor, signature, receipt }
  const { operator } = decodeReceipt(receipt).log
  // Whoever did not log the record lists it from memory, and so answers first.
  const liar = network.peers.find(({ keys }) => keys.operator.toLowerCase() !== operator)
  assert.ok(liar)
  let spoil: Spoil = (lines) => lines
  await using _ = await replaceByLiar(network, liar, () => ({
    catalogue: async () => [withLines(entry, spoil)],
  }))
  for (const [name, how] of Object.entries(SPOILS)) {
    spoil = how
    const [offer] = await (await network.openResearch()).research.search()
    assert.ok(offer, name)
    assert.is(await verdictOffline(network, offer.entry), 'verified', name)
  }
  // What is mended here is no small thing: taken as it comes, such a line does break a proof.
  assert.is(await verdictOffline(network, withLines(entry, spoilAll)), 'broken')
})

function withLines(entry: CatalogueEntry, spoil: Spoil): CatalogueEntry {
  const receipt = decodeReceipt(entry.receipt)
  return { ...entry, receipt: encodeReceipt({ ...receipt, signatures: spoil(receipt.signatures) }) }
}

/** What who has the operators' keys, and no chain, finds of a proof of an entry. */
async function verdictOffline(network: LocalNetwork, entry: CatalogueEntry): Promise<string> {
  const { deployment, ledger } = network
  const operators = (await ledger.members()).flatMap(({ operator, peerId }) => {
    const logKey = peerKeyOf(peerId)
    return logKey === null ? [] : [{ address: operator, logKey }]
  })
  const { commitment, patient, descriptor, signature, receipt } = entry
  const kept = { recordCommitment: commitment, owner: patient, descriptor, signature, receipt }
  const evidence = assembleEvidence({ ...kept, opening: null, consent: null, deliveries: [] }, deployment)
  const facts = { deployment: evidenceDeployment(deployment), operators }
  return checkProof({ kind: 'bundle', evidence }, facts).verdict
}

test.run()
