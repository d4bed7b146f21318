import { RecordsError } from '../errors.ts'
import { untilAborted } from '../text/source-text.ts'
import { createFitDecoder } from './garmin-fit-decoder.ts'
import { createFitReader } from './garmin-fit-messages.ts'
import type { OpenSource } from './source.ts'
import { openConversion } from './vital-signs-conversion.ts'

/** A chunk is decoded in pieces, so that a file that comes at once does not come out at once. */
const PIECE_BYTES = 65_536

/**
 * Reads FIT files of activities, of all-day monitoring, of scales and of blood pressure meters. Who wore the
 * device, which one it was and where it went stay behind. The checksum comes last: lines that were passed on
 * before an error are not to be kept.
 */
export const openGarminFit: OpenSource = (source, options) =>
  openConversion('garmin-fit', options, async function* (writer) {
    const read = createFitReader()
    const decoder = createFitDecoder((message) => {
      writer.nextEntry()
      for (const outcome of read(message)) writer.take(outcome)
    })
    let bytes = 0
    for await (const chunk of untilAborted(source, options.signal)) {
      if (typeof chunk === 'string') throw notBytes()
      for (let from = 0; from < chunk.length; from += PIECE_BYTES) {
        decoder.push(chunk.subarray(from, from + PIECE_BYTES))
        if (writer.waiting > 0) yield writer.takeLines()
      }
      bytes += chunk.length
      options.onProgress?.({ bytes, records: writer.records })
    }
    decoder.end()
  })

function notBytes(): RecordsError {
  return new RecordsError('FORMAT_UNKNOWN', 'A FIT file is binary; it cannot be read as text.')
}
