import { RecordsError } from '../errors.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import { parseFhirJson } from '../text/fhir-json.ts'
import type { EntryContext } from './fitbit-entries.ts'
import { readFitbit } from './fitbit-file.ts'
import type { DateOrder } from './fitbit-times.ts'
import { findDateOrder } from './fitbit-times.ts'
import type { OpenSource, SourceOptions } from './source.ts'
import type { Clock } from './vital-signs-clock.ts'
import { createClock } from './vital-signs-clock.ts'
import { convertText } from './vital-signs-conversion.ts'
import type { VitalSignWriter } from './vital-signs-writer.ts'

/** The largest files, a month of steps or a day of heart rates, have 3 MB. */
const MAX_FILE_LENGTH = 16 * 1024 * 1024

/**
 * Reads one JSON file of a Fitbit account export or of an answer of the Web API: heart rates, resting heart
 * rates, steps, calories, sleep and weights. The zone of times is not in the files and is asked for; so are the
 * order of day and month where no date settles it, and what a value means where a file does not say.
 * @see https://dev.fitbit.com/build/reference/web-api/
 */
export const openFitbit: OpenSource = (source, options) => {
  const maxLineBytes = options.maxLineBytes ?? MAX_FILE_LENGTH
  return convertText('fitbit', source, { ...options, maxLineBytes }, (writer) => {
    const clock = createClock(options.timeZone, writer)
    let text = ''
    return {
      push(piece) {
        text += piece
        if (text.length > maxLineBytes) throw tooLong(maxLineBytes)
      },
      end() {
        if (text.trim() === '')
          throw new RecordsError('FILE_EMPTY', 'The file is empty. Choose the export again.')
        const value = parseFhirJson(text)
        readFitbit(value, options.unit, contextOf(value, options, clock, writer), writer)
      },
    }
  })
}

function contextOf(
  value: JsonValue,
  { dateOrder }: SourceOptions,
  clock: Clock,
  writer: VitalSignWriter,
): EntryContext {
  let order: DateOrder | null = null
  return {
    clock,
    entry: () => writer.records,
    dateOrder() {
      order ??= findDateOrder(value, dateOrder)
      return order
    },
  }
}

function tooLong(maxLength: number): RecordsError {
  return new RecordsError(
    'LINE_TOO_LONG',
    `The file has more than ${maxLength} characters, which no file of a Fitbit export has.`,
    { maxLineBytes: maxLength },
  )
}
