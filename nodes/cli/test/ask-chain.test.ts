import { admitPeer, changePeer } from '@halo/chain'
import { parseAddress } from '@halo/consent'
import type { PeerKey } from '@halo/peers'
import { createPeerKey, peerIdOf, seedOf } from '@halo/peers'
import type { Evidence } from '@halo/proofs'
import { createMemoryStore, createNoteSigner, formatLogOrigin, openLog, signDeletion } from '@halo/proofs'
import { checkProof } from '@halo/verifier'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LocalHalo } from '../../../packages/chain/test/local-halo.ts'
import { profile, startHalo } from '../../../packages/chain/test/local-halo.ts'
import type { Proving, ProvingHalo } from '../../../test/attack/proving.ts'
import { createSigner, domainOf, proveRecord } from '../../../test/attack/proving.ts'
import { askChain } from '../src/proof/ask-chain.ts'

const test = suite('cli/ask-chain')

/** The chain's contracts and operators, with a log of the first of them. */
async function openProving({ deployment, operators }: LocalHalo, key: PeerKey): Promise<ProvingHalo> {
  const wallets = operators.map(({ wallet }) => wallet)
  const operator = wallets[0]?.address.toLowerCase() ?? ''
  const log = { chainId: Number(deployment.chainId), contract: deployment.anchor.toLowerCase(), operator }
  const logKey = createNoteSigner(formatLogOrigin(log), seedOf(key))
  return { deployment, operators: wallets, log: await openLog(createMemoryStore()), logKey }
}

/** All that needs no block of this chain. */
function unanchored({ evidence: { anchor: _, inclusion, ...evidence } }: Proving): Evidence {
  return { ...evidence, inclusion: { ...inclusion, anchor: null } }
}

test('a proof by operators that the registry removed since holds as before, with the key of then', async () => {
  await using chain = await startHalo(2)
  const key = await createPeerKey()
  const halo = await openProving(chain, key)
  const operator = parseAddress(halo.operators[0]?.address)
  await changePeer(chain.admin, chain.deployment, 'remove', operator)
  const member = { operator, ...profile(0), peerId: peerIdOf(key) }
  await admitPeer(chain.admin, chain.deployment, member)
  const evidence = unanchored(await proveRecord(halo))
  const judge = async (bundle: Evidence): Promise<readonly string[]> => {
    const file = { kind: 'bundle', evidence: bundle } as const
    const place = { chainUrl: chain.anvil.rpcUrl, deployment: chain.deployment }
    return checkProof(file, await askChain(file, place)).parts.map(({ reason }) => reason)
  }
  const before = await judge(evidence)
  assert.equal(before, [
    'RECORD_SIGNED',
    'LOGGED_AND_SIGNED',
    'NOT_ANCHORED_YET',
    'GRANTED',
    'ACCESS_SHOWN',
    'DELETION_STATED',
  ])
  await changePeer(chain.admin, chain.deployment, 'remove', operator)
  assert.equal(await judge(evidence), before)

  const deletion = evidence.deletion?.[0]
  assert.ok(deletion)
  const deletedBy = async (timeSec: number): Promise<string | undefined> => {
    const stranger = await signDeletion(createSigner(), { ...deletion, timeSec }, domainOf(halo))
    return (await judge({ ...evidence, deletion: [stranger] }))[5]
  }
  const nowSec = await chain.ledger.chainTimeSec()
  assert.is(await deletedBy(nowSec), 'NOT_AN_OPERATOR')
  assert.is(await deletedBy(nowSec + 3_600), 'SIGNER_UNKNOWN')
})

test.run()
