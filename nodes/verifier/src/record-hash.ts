import type { Hex, RecordOpening } from '@halo/proofs'
import { startRecordCommitment } from '@halo/proofs'

/** Bytes that are hashed before whoever waits hears of it and may do something else. */
const REPORT_BYTES = 4 << 20

/**
 * The commitment of a record's file, of any size: read piece by piece, one in memory at a time.
 * @param onBytes called now and then with how many bytes are done
 */
export async function hashRecordFile(
  pieces: AsyncIterable<Uint8Array>,
  opening: RecordOpening,
  onBytes: (doneBytes: number) => void | Promise<void> = () => undefined,
): Promise<Hex> {
  const hash = startRecordCommitment(opening)
  let doneBytes = 0
  let reportedBytes = 0
  for await (const piece of pieces) {
    hash.update(piece)
    doneBytes += piece.length
    if (doneBytes - reportedBytes < REPORT_BYTES) continue
    reportedBytes = doneBytes
    await onBytes(doneBytes)
  }
  return hash.digest()
}
