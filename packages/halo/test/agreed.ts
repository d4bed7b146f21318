import { signMessage } from '@halo/consent'
import type { CollectProof, Member, RequestNotice } from '@halo/ports'
import { nowSec } from '@halo/ports'
import type { SignedManifest } from '@halo/vault'
import { parseManifest } from '@halo/vault'
import type { Asking, OwnRequest, Research, ResearchParts } from '../../research/src/index.ts'
import type { Holding, Publishing, Wallet, WalletParts } from '../../wallet/src/index.ts'
import type { MemoryHalo } from './memory-halo.ts'
import { noise, publishing, TERMS } from './memory-halo.ts'

/** A record, a request for it, and all who are concerned. */
export interface Asked {
  readonly wallet: Wallet
  readonly walletParts: WalletParts
  readonly research: Research
  readonly researchParts: ResearchParts
  readonly holding: Holding
  readonly manifest: SignedManifest
  readonly own: OwnRequest
  readonly notice: RequestNotice
  readonly bytes: Uint8Array
  /** The researcher's proof to one peer; `changes` forge it. */
  prove(member: Member, changes?: Partial<CollectProof> & { readonly peerId?: string }): Promise<CollectProof>
}

/** Publishes a record and asks for it. */
export async function askFor(
  halo: MemoryHalo,
  options: {
    readonly sizeBytes?: number
    readonly asking?: Partial<Asking>
    readonly publishing?: Partial<Publishing>
  } = {},
): Promise<Asked> {
  const { wallet, parts: walletParts } = await halo.openPatient()
  const bytes = noise(options.sizeBytes ?? 5000)
  const { holding } = await wallet.publish(publishing(bytes, options.publishing))
  const { research, parts: researchParts } = await halo.openResearcher()
  const { request: own } = await research.request({
    dataset: holding.dataset,
    terms: TERMS,
    ...options.asking,
  })
  return {
    wallet,
    walletParts,
    research,
    researchParts,
    holding,
    manifest: parseManifest(holding.manifest),
    own,
    notice: { request: own.request, kemPublicKey: own.kemPublicKey, terms: own.terms },
    bytes,
    async prove(member, { peerId = member.peerId, ...changes } = {}) {
      const requestId = changes.requestId ?? own.id
      const beforeSec = changes.beforeSec ?? nowSec(halo.clock) + 60
      const message = { requestId, peerId, beforeSec }
      const signature = await signMessage(
        researchParts.signer,
        'Collect',
        message,
        halo.chain.ledger.deployment,
      )
      return { requestId, beforeSec, signature, ...changes }
    },
  }
}

/** The same, approved. */
export async function agreeOn(halo: MemoryHalo, options: Parameters<typeof askFor>[1] = {}): Promise<Asked> {
  const asked = await askFor(halo, options)
  await asked.wallet.approve(asked.own.id)
  return asked
}
