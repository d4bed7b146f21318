import { hashRecord } from './envelope.ts'

/**
 * The commitment of a record that is already open, to check it again later:
 * SHA-256("halo/record/1\0" ‖ salt 32 ‖ SHA-256(metadata) ‖ record).
 * @returns 32 bytes, equal to the data set's id when nothing has changed
 */
export async function recordCommitment(
  record: AsyncIterable<Uint8Array>,
  sealedWith: { readonly salt: Uint8Array; readonly metadata: Uint8Array },
): Promise<Uint8Array> {
  const hash = hashRecord(sealedWith)
  for await (const piece of record) hash.update(piece)
  return hash.digest()
}
