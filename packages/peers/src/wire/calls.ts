import type { AccessRequest, DatasetId, Hex, RequestId } from '@halo/consent'
import type {
  Answer,
  CatalogueEntry,
  CatalogueQuery,
  CollectProof,
  Delivery,
  Listed,
  Publication,
  ReleasedShare,
  RequestNotice,
  RequestStatus,
  ShardDeposit,
  ShardQuery,
  ShareDeposit,
  StorageReceipt,
} from '@halo/ports'
import { PROTOCOLS } from '../protocols.ts'
import type { Codec } from './codec.ts'
import {
  address,
  amount,
  bytes32,
  bytesBetween,
  datasetId,
  flag,
  hexBetween,
  listUpTo,
  nothing,
  oneOf,
  orNull,
  record,
  refined,
  requestId,
  textUpTo,
  whole,
  wholeBetween,
} from './codec.ts'
import { WIRE_LIMITS } from './limits.ts'
import { optionalReason } from './reason.ts'

/** What is asked and answered in each call; byte streams travel beside it. */
export interface CallTypes {
  readonly storeShard: { readonly query: Omit<ShardDeposit, 'units'>; readonly answer: StorageReceipt }
  readonly storeShare: { readonly query: ShareDeposit; readonly answer: StorageReceipt }
  readonly publish: { readonly query: Publication; readonly answer: Listed }
  readonly catalogue: { readonly query: CatalogueQuery; readonly answer: readonly CatalogueEntry[] }
  readonly notify: { readonly query: RequestNotice; readonly answer: null }
  readonly pending: {
    readonly query: { readonly datasets: readonly DatasetId[] }
    readonly answer: readonly RequestNotice[]
  }
  readonly answer: { readonly query: Answer; readonly answer: { readonly txHash: Hex | null } }
  readonly status: { readonly query: { readonly requestId: RequestId }; readonly answer: RequestStatus }
  readonly release: { readonly query: CollectProof; readonly answer: ReleasedShare }
  readonly collect: { readonly query: CollectProof; readonly answer: Omit<Delivery, 'sealed'> }
  readonly readShard: { readonly query: ShardQuery; readonly answer: null }
}

/** Name of a call. */
export type CallName = keyof CallTypes

/** How one call looks on the wire. */
export interface CallSpec<Name extends CallName> {
  readonly protocol: string
  readonly query: Codec<CallTypes[Name]['query']>
  readonly answer: Codec<CallTypes[Name]['answer']>
}

const opaqueId = bytesBetween(16, 16)
const signature = hexBetween(1, WIRE_LIMITS.signatureBytes)
const manifest = bytesBetween(1, WIRE_LIMITS.manifestBytes)
const descriptor = textUpTo(WIRE_LIMITS.descriptorBytes)
const logReceipt = bytesBetween(1, WIRE_LIMITS.receiptBytes)
const sealedShare = bytesBetween(1, WIRE_LIMITS.sealedShareBytes)
const txHash = record<{ readonly txHash: Hex | null }>({ txHash: orNull(hexBetween(32, 32)) })

const request = record<AccessRequest>({
  dataset: datasetId,
  patient: address,
  researcher: address,
  recipientKeyHash: bytes32,
  termsHash: bytes32,
  currency: address,
  price: amount,
  relayFee: amount,
  answerBySec: whole,
  accessForSec: whole,
  nonce: bytes32,
})

const receipt = record<StorageReceipt>({
  peerId: textUpTo(64),
  id: opaqueId,
  content: textUpTo(128),
  sizeBytes: whole,
  storedAtSec: whole,
  signature: bytesBetween(64, 64),
})

const notice = record<RequestNotice>({
  request,
  kemPublicKey: bytesBetween(1216, 1216),
  terms: textUpTo(WIRE_LIMITS.termsBytes),
})

const proof = record<CollectProof>({ requestId, beforeSec: whole, signature })

const shardDeposit = refined(
  record<Omit<ShardDeposit, 'units'>>({
    id: opaqueId,
    sizeBytes: wholeBetween(1, Number.MAX_SAFE_INTEGER),
    unitBytes: wholeBetween(1, WIRE_LIMITS.frameBytes),
  }),
  ({ sizeBytes, unitBytes }) => unitBytes >= WIRE_LIMITS.leastUnitBytes || sizeBytes <= unitBytes,
  `units of ${WIRE_LIMITS.leastUnitBytes} bytes or a single one are wanted`,
)

const publication = refined(
  record<Publication>({
    commitment: bytes32,
    patient: address,
    descriptor,
    signature,
    salt: orNull(bytesBetween(32, 32)),
    receipt: orNull(logReceipt),
  }),
  ({ salt, receipt: held }) => (salt === null) !== (held === null),
  'either a salt or a receipt is wanted',
)

/** The calls of every protocol. */
export const CALLS: { readonly [Name in CallName]: CallSpec<Name> } = {
  storeShard: {
    protocol: PROTOCOLS.store,
    query: shardDeposit,
    answer: receipt,
  },
  storeShare: {
    protocol: PROTOCOLS.store,
    query: record({ id: opaqueId, sealed: sealedShare }),
    answer: receipt,
  },
  publish: {
    protocol: PROTOCOLS.store,
    query: publication,
    answer: record<Listed>({ receipt: logReceipt, txHash: orNull(hexBetween(32, 32)) }),
  },
  catalogue: {
    protocol: PROTOCOLS.request,
    query: record<CatalogueQuery>({
      after: orNull(datasetId),
      limit: wholeBetween(1, WIRE_LIMITS.catalogueEntries),
    }),
    answer: listUpTo(
      record<CatalogueEntry>({
        commitment: bytes32,
        patient: address,
        descriptor,
        signature,
        receipt: logReceipt,
      }),
      WIRE_LIMITS.catalogueEntries,
    ),
  },
  notify: { protocol: PROTOCOLS.request, query: notice, answer: nothing },
  pending: {
    protocol: PROTOCOLS.request,
    query: record({ datasets: listUpTo(datasetId, WIRE_LIMITS.pendingDatasets) }),
    answer: listUpTo(notice, WIRE_LIMITS.pendingNotices),
  },
  answer: {
    protocol: PROTOCOLS.request,
    query: record<Answer>({
      kind: oneOf('Grant', 'Decline', 'Revoke'),
      requestId,
      signature,
      manifest: orNull(manifest),
    }),
    answer: txHash,
  },
  status: {
    protocol: PROTOCOLS.request,
    query: record({ requestId }),
    answer: record<RequestStatus>({
      requestId,
      isNoticed: flag,
      isReady: flag,
      reason: optionalReason,
      delivery: orNull(signature),
    }),
  },
  release: {
    protocol: PROTOCOLS.release,
    query: proof,
    answer: record<ReleasedShare>({ index: wholeBetween(1, 255), sealed: sealedShare, delivery: signature }),
  },
  collect: {
    protocol: PROTOCOLS.collect,
    query: proof,
    answer: record({ manifest, grant: signature, sealedBytes: whole }),
  },
  readShard: {
    protocol: PROTOCOLS.shard,
    query: record({ requestId, id: opaqueId, fromUnit: wholeBetween(0, 0xffff_ffff) }),
    answer: nothing,
  },
}
