import { HaloError } from '@halo/ports'

/**
 * - `DATASET_NOT_FOUND`: no reachable peer lists this data set. Search again.
 * - `REQUEST_NOT_FOUND`: this client did not make such a request. List its requests.
 * - `PRICE_TOO_LOW`: less is offered than the patient asks. Offer at least the price of the catalogue.
 * - `DELIVERY_FORGED`: what was delivered does not verify; `peerId` names who served it.
 * - `DELIVERY_TOO_LARGE`: the record the patient signed for is longer than `maxRecordBytes`; nothing was fetched. Collect again with more.
 * - `RECORD_CHANGED`: a delivered file is not what the patient signed.
 */
export type ResearchErrorCode =
  | 'DATASET_NOT_FOUND'
  | 'REQUEST_NOT_FOUND'
  | 'PRICE_TOO_LOW'
  | 'DELIVERY_FORGED'
  | 'DELIVERY_TOO_LARGE'
  | 'RECORD_CHANGED'

/** What went wrong for a researcher; test `code`. */
export class ResearchError extends HaloError<ResearchErrorCode> {
  override readonly name = 'ResearchError'
}
