import { RecordsError } from '../errors.ts'

/** A cell of a header: what it calls the column, in small letters and digits only, and the unit it names. */
export interface HeaderCell {
  readonly column: number
  readonly name: string
  /** As {@link UNITS} spells it, `unknown` for a unit that is none of these, null where there is none. */
  readonly unit: HeaderUnit | 'unknown' | null
}

/** Units that a recording's header may name. */
export type HeaderUnit = 's' | 'ms' | 'us' | 'ns' | 'g' | 'm/s2' | 'm' | 'cm' | 'mm'

const UNITS: ReadonlyMap<string, HeaderUnit> = new Map([
  ...spell('s', 's', 'sec', 'secs', 'second', 'seconds'),
  ...spell('ms', 'ms', 'msec', 'millis', 'milliseconds'),
  ...spell('us', 'us', 'µs', 'microseconds'),
  ...spell('ns', 'ns', 'nsec', 'nanos', 'nanoseconds'),
  ...spell('g', 'g', 'gs', "g's"),
  ...spell('m/s2', 'm/s2', 'm/s^2', 'm/s²', 'm/s/s', 'ms2', 'mps2', 'm s-2', 'ms-2'),
  ...spell('m', 'm'),
  ...spell('cm', 'cm'),
  ...spell('mm', 'mm'),
])

/** Columns whose name says the unit: of Physics Toolbox and of Sensor Logger. */
const UNIT_BY_NAME: ReadonlyMap<string, HeaderUnit> = new Map([
  ['gfx', 'g'],
  ['gfy', 'g'],
  ['gfz', 'g'],
  ['secondselapsed', 's'],
])

/**
 * Reads a header: `Acceleration x (m/s^2)`, `accelerometerAccelerationX(G)`, `ML_cm`, `timestampMs`.
 * @throws RecordsError `FORMAT_UNKNOWN` where two columns have one name
 */
export function readHeader(cells: readonly string[]): ReadonlyMap<string, HeaderCell> {
  const header = new Map<string, HeaderCell>()
  cells.forEach((cell, column) => {
    const { text, unit } = splitUnit(cell.trim())
    const name = text.toLowerCase().replace(/[^a-z0-9]/g, '')
    if (name === '') return
    if (header.has(name))
      throw new RecordsError('FORMAT_UNKNOWN', 'Two columns have the same name. Rename or delete one.', {
        column: column + 1,
      })
    header.set(name, { column, name, unit: unit ?? UNIT_BY_NAME.get(name) ?? null })
  })
  return header
}

/** The unit that cells name alike; null where none of them does. @throws RecordsError `UNIT_UNKNOWN` */
export function unitOf<Unit extends HeaderUnit>(
  cells: readonly HeaderCell[],
  known: readonly Unit[],
): Unit | null {
  const [first, ...others] = new Set(cells.map(({ unit }) => unit))
  if (first === null && others.length === 0) return null
  const unit = known.find((candidate) => candidate === first)
  if (unit !== undefined && others.length === 0) return unit
  throw new RecordsError(
    'UNIT_UNKNOWN',
    `The header must name one unit for columns that belong together, and one of ${known.join(', ')}.`,
    { column: (cells[0]?.column ?? 0) + 1 },
  )
}

function splitUnit(cell: string): { text: string; unit: HeaderCell['unit'] } {
  const bracketed = /^([^([]*)[([]([^)\]]*)[)\]]$/.exec(cell)
  if (bracketed !== null) {
    const [, text = '', unit = ''] = bracketed
    return { text, unit: UNITS.get(unit.trim().toLowerCase()) ?? 'unknown' }
  }
  // A suffix is set off by a line or, in timestampMs, by a capital after a small letter.
  const suffixed = /^(.*[a-zA-Z0-9])(?:[_ -]|(?<=[a-z])(?=[A-Z]))([A-Za-zµ0-9]+)$/.exec(cell)
  const unit = suffixed === null ? undefined : UNITS.get((suffixed[2] ?? '').toLowerCase())
  return unit === undefined ? { text: cell, unit: null } : { text: suffixed?.[1] ?? '', unit }
}

function spell(unit: HeaderUnit, ...spellings: readonly string[]): (readonly [string, HeaderUnit])[] {
  return spellings.map((spelling) => [spelling, unit] as const)
}
