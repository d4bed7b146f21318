/** Columns of a newer Clarity export; older ones lack the last two. */
const COLUMNS = [
  'Index',
  'Timestamp (YYYY-MM-DDThh:mm:ss)',
  'Event Type',
  'Event Subtype',
  'Patient Info',
  'Device Info',
  'Source Device ID',
  'Glucose Value (mg/dL)',
  'Insulin Value (u)',
  'Carb Value (grams)',
  'Duration (hh:mm:ss)',
  'Glucose Rate of Change (mg/dL/min)',
  'Transmitter Time (Long Integer)',
  'Transmitter ID',
]

/** Texts of a made-up patient that must never leave the file. */
export const CANARIES = [
  'Zanzibella',
  'Quuxworth',
  '1971-12-31',
  'Dexcom G6 Zebra',
  'SERIAL8XK9',
  'TX8F00',
] as const

/** A Clarity export with a full preamble and the given rows; the header's unit can be another. */
export function clarityFile(rows: readonly string[], unit = 'mg/dL'): string {
  const [first, last, birth, device, serial] = CANARIES
  const preamble = [
    `1,,FirstName,,${first},,,,,,,,,`,
    `2,,LastName,,${last},,,,,,,,,`,
    `3,,DateOfBirth,,${birth},,,,,,,,,`,
    `4,,Device,,,${device},${serial},,,,,,,`,
    `5,,Alert,High,,,${serial},200,,,,,,`,
    `6,,Alert,Low,,,${serial},80,,,,,,`,
  ]
  const header = COLUMNS.join(',').replace('Value (mg/dL)', `Value (${unit})`)
  return `\uFEFF${[header, ...preamble, ...rows].join('\r\n')}\r\n`
}

/** A row of an event; readings are `EGV`. */
export function clarityRow(time: string, glucose: string, type = 'EGV'): string {
  const [, , , , serial, transmitter] = CANARIES
  return `7,${time},${type},,,,${serial},${glucose},,,,,1234567,${transmitter}`
}
