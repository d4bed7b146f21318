import { RecordsError } from '../errors.ts'
import { parseWrittenTime, utcText } from '../text/date-time.ts'
import type { SettlingRule } from './note-book.ts'
import type { OpenSource } from './source.ts'
import type { Clock } from './vital-signs-clock.ts'
import { createClock } from './vital-signs-clock.ts'
import { convertText } from './vital-signs-conversion.ts'
import type { SourceTime } from './vital-signs-line.ts'
import type { VitalSignWriter } from './vital-signs-writer.ts'
import type { XmlHandler } from './xml-reader.ts'
import { createXmlReader } from './xml-reader.ts'

/** @see https://www8.garmin.com/xmlschemas/TrainingCenterDatabasev2.xsd */
const NAMESPACE = 'http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2'

const TIME_UNREADABLE: SettlingRule = {
  rule: 'time-unreadable',
  text: 'Points and laps without a readable date and time were left out.',
}

/** What else a file has, by the element that it is counted by; places and names are not for a health record. */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['Position', 'position'],
  ['AltitudeMeters', 'position'],
  ['Creator', 'device'],
  ['Author', 'device'],
  ['Notes', 'notes'],
  ['Name', 'notes'],
  ['Cadence', 'movement'],
  ['DistanceMeters', 'movement'],
  ['Extensions', 'movement'],
  ['AverageHeartRateBpm', 'summary'],
  ['MaximumHeartRateBpm', 'summary'],
  ['MaximumSpeed', 'summary'],
])

/**
 * Reads a Training Center file (TCX, version 2): the heart rate of each point of a track, and the energy of
 * each lap. Where the track went, and on which device, stays behind; distances too, as they say nothing about
 * walking when the sport is another.
 */
export const openGarminTcx: OpenSource = (source, options) =>
  convertText('garmin-tcx', source, options, (writer) => {
    const clock = createClock(options.timeZone, writer)
    return createXmlReader(createTrackHandler(writer, clock), writer.maxLineBytes, true)
  })

/** What is known so far of the lap or the point that is being read. */
interface Span {
  /** Null if it cannot be read. */
  start: SourceTime | null
  heartRate: string | undefined
  calories: string | undefined
  seconds: string | undefined
}

function createTrackHandler(writer: VitalSignWriter, clock: Clock): XmlHandler {
  const path: string[] = []
  let lap: Span | null = null
  let point: Span | null = null
  /** Time of the last point of the lap. */
  let last: SourceTime | null = null

  function readTime(text: string | undefined): SourceTime | null {
    const time = text === undefined ? null : parseWrittenTime(text)
    return time === null ? null : clock(time)
  }

  function endPoint({ start, heartRate }: Span): void {
    last = start ?? last
    if (heartRate === undefined) writer.leaveOut('point-without-heart-rate')
    else if (start === null) writer.take(TIME_UNREADABLE)
    else writer.take({ kind: 'heart-rate', valueText: heartRate, start })
  }

  function endLap({ start, calories, seconds }: Span): void {
    if (calories === undefined) writer.leaveOut('lap-without-energy')
    else if (start === null) writer.take(TIME_UNREADABLE)
    else
      writer.take({
        kind: 'energy-burned',
        valueText: calories,
        start,
        // The seconds of a lap do not count pauses; its last point does.
        end: last ?? endOf(start, seconds),
      })
  }

  return {
    open(name, attributes, depth) {
      if (depth === 1) refuseOther(name, attributes)
      path.push(name)
      const kind = LEFT_OUT.get(name)
      if (kind !== undefined) writer.leaveOut(kind)
      if (name === 'Lap') {
        writer.nextEntry()
        lap = { ...EMPTY, start: readTime(attributes['StartTime']) }
        last = null
      } else if (name === 'Trackpoint') {
        writer.nextEntry()
        point = { ...EMPTY }
      }
    },
    close(name, _depth, text) {
      path.pop()
      const parent = path.at(-1)
      const trimmed = text.trim()
      if (point !== null) {
        if (name === 'Time' && parent === 'Trackpoint') point.start = readTime(trimmed)
        if (name === 'Value' && parent === 'HeartRateBpm') point.heartRate = trimmed
      } else if (lap !== null && parent === 'Lap') {
        if (name === 'Calories') lap.calories = trimmed
        if (name === 'TotalTimeSeconds') lap.seconds = trimmed
      }
      if (name === 'Trackpoint' && point !== null) {
        endPoint(point)
        point = null
      } else if (name === 'Lap' && lap !== null) {
        endLap(lap)
        lap = null
      }
    },
  }
}

const EMPTY: Span = { start: null, heartRate: undefined, calories: undefined, seconds: undefined }

/** The end of a lap without points; undefined if it says no duration of at most a week. */
function endOf(start: SourceTime, seconds: string | undefined): SourceTime | undefined {
  if (seconds === undefined || !/^[0-9]{1,6}(?:\.[0-9]{1,20})?$/.test(seconds)) return undefined
  const timeMs = start.timeMs + Math.round(Number(seconds) * 1000)
  return { text: utcText(timeMs), timeMs }
}

function refuseOther(root: string, attributes: Readonly<Record<string, string>>): void {
  if (root === 'TrainingCenterDatabase' && attributes['xmlns'] === NAMESPACE) return
  throw new RecordsError(
    'FORMAT_UNKNOWN',
    'The file is no Training Center file of version 2. Export the activity as TCX.',
  )
}
