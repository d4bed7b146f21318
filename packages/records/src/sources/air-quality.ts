import type { AirFigure, AirQuantity } from '../fhir/air.ts'
import { buildIndoorAir, buildIndoorLocation } from '../fhir/air.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import type { JsonValue } from '../text/fhir-json.ts'
import { readNumber, readTime, sizeOf } from './entry-fields.ts'
import type { EntryLog } from './entry-log.ts'
import type { Entry, EntryReader, EntryTools } from './json-entries.ts'
import { convertEntries } from './json-entries.ts'
import type { SettlingRule } from './note-book.ts'
import { NUMBERED_BY_APPEARANCE, nameIn, openNumbering } from './numbering.ts'
import type { OpenSource } from './source.ts'
import { hashText } from './text-hash.ts'
import { SUBJECT } from './vital-signs-line.ts'

/** A quantity's unit as assumed, null where several are usual, and what it can be. */
interface QuantityRule {
  readonly unit: string | null
  readonly least: number
  readonly most: number
}

const AMOUNT: QuantityRule = { unit: null, least: 0, most: 1e6 }

/**
 * Fields of paper 000's air file. It names no unit; particles, temperature and humidity have one that is usual
 * and fits, gases, light and noise have several.
 */
const QUANTITIES: ReadonlyMap<string, readonly [name: AirQuantity, rule: QuantityRule]> = new Map([
  ['pm2_5', ['pm2_5', { ...AMOUNT, unit: 'ug/m3' }]],
  ['pm10', ['pm10', { ...AMOUNT, unit: 'ug/m3' }]],
  ['tvoc', ['tvoc', AMOUNT]],
  ['co2', ['co2', AMOUNT]],
  ['co', ['co', AMOUNT]],
  ['no2', ['no2', AMOUNT]],
  ['o3', ['o3', AMOUNT]],
  ['hcho', ['hcho', AMOUNT]],
  ['c6h6', ['c6h6', AMOUNT]],
  ['temperature', ['temperature', { unit: 'Cel', least: -60, most: 100 }]],
  ['humidity', ['humidity', { unit: '%', least: 0, most: 100 }]],
  ['illumination', ['illumination', AMOUNT]],
  ['noise', ['noise', AMOUNT]],
])

/** More rooms than a sensor is carried through; beyond it the field is no place. */
const MAX_ROOMS = 100

const UNITS_ASSUMED: SettlingRule = {
  rule: 'units-assumed',
  text: 'The file names no units. Particles were taken as µg/m³, temperature as °C and humidity as %; gases, light and noise were written without a unit.',
}
const LOCATION_LEFT_OUT: SettlingRule = {
  rule: 'location-left-out',
  text: 'Names of places were left out; each place became a room with a number.',
}
const LOCATIONS_MANY: SettlingRule = {
  rule: 'locations-too-many',
  text: 'Entries of more than 100 places were left out.',
}
const TIME_UNREADABLE: SettlingRule = {
  rule: 'time-unreadable',
  text: 'Entries without a readable date and time were left out.',
}
const VALUE_UNREADABLE: SettlingRule = {
  rule: 'value-unreadable',
  text: 'Figures that are missing or no number were left out.',
}
const VALUE_IMPLAUSIBLE: SettlingRule = {
  rule: 'value-implausible',
  text: 'Figures that the air of a room cannot have were left out.',
}
const NO_FIGURES: SettlingRule = {
  rule: 'no-figures',
  text: 'Entries without any figure were left out.',
}
const FIELDS_UNKNOWN: SettlingRule = {
  rule: 'fields-unknown',
  text: 'Fields that Halo does not know were left out.',
}
const TIME_REPEATED: SettlingRule = {
  rule: 'time-repeated',
  text: 'Where a place has several different entries for one time, the first was kept.',
}

/**
 * Indoor air as paper 000's sensors record it: a list of entries with `location`, `timestamp` and figures as
 * text. One Observation per entry, about a room that has no name and no address.
 */
export const openAirQuality: OpenSource = (source, options) =>
  convertEntries('air-quality', source, options, ['timestamp', 'pm2_5', 'pm10'], createReader)

function createReader({ log, times, names }: EntryTools): EntryReader {
  const rooms = openNumbering(names, MAX_ROOMS, hashText)
  const seen = new Map<string, string>()

  /** The number of a place, and the line that introduces it. */
  function roomOf(location: JsonValue | undefined): readonly [id: string, line: string] | null {
    if (location !== undefined) log.note(LOCATION_LEFT_OUT)
    const room = rooms.numberOf(hashText(nameIn(location)))
    if (room === null) return null
    if (room.isByAppearance) log.note(NUMBERED_BY_APPEARANCE)
    const id = `room-${room.number}`
    return [id, !room.isNew ? '' : `${canonicalJson(buildIndoorLocation(id) as JsonValue)}\n`]
  }

  return (entry, row) => {
    const time = readTime(entry['timestamp'])
    const reading = readFigures(entry, log)
    if (time === null) return leaveOut(log, TIME_UNREADABLE)
    if (Object.keys(reading).length === 0) return leaveOut(log, NO_FIGURES)
    const found = roomOf(entry['location'])
    if (found === null) return leaveOut(log, LOCATIONS_MANY)
    const [room, roomLine] = found
    const placed = times.place(time, room, row)
    const observation = buildIndoorAir(reading, {
      subject: `Location/${room}`,
      effective: placed.text,
      patient: SUBJECT,
    })
    const line = `${canonicalJson(observation as JsonValue)}\n`
    const key = `${room} ${placed.timeMs}`
    const hash = hashText(canonicalJson(observation['component'] ?? null))
    const before = seen.get(key)
    if (before === hash) {
      log.repeat()
      return ''
    }
    if (before !== undefined) return leaveOut(log, TIME_REPEATED)
    seen.set(key, hash)
    log.note(UNITS_ASSUMED)
    log.cover(`indoor-air ${room}`, placed.timeMs)
    log.wrote(roomLine === '' ? 1 : 2)
    return roomLine + line
  }
}

function readFigures(entry: Entry, log: EntryLog): Partial<Record<AirQuantity, AirFigure>> {
  const reading: Partial<Record<AirQuantity, AirFigure>> = {}
  let unknown = 0
  for (const [field, value] of Object.entries(entry)) {
    const known = QUANTITIES.get(field)
    if (known === undefined) unknown += field === 'location' || field === 'timestamp' ? 0 : 1
    else {
      const [name, { unit, least, most }] = known
      const figure = readNumber(value, log)
      if (figure === null) log.note(VALUE_UNREADABLE)
      else if (sizeOf(figure) < least || sizeOf(figure) > most) log.note(VALUE_IMPLAUSIBLE)
      else reading[name] = { value: figure, unit }
    }
  }
  if (unknown > 0) log.note(FIELDS_UNKNOWN, unknown)
  return reading
}

function leaveOut(log: EntryLog, rule: SettlingRule): string {
  log.leaveOut(rule)
  return ''
}
