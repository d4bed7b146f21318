import type { SourceOptions } from '@halo/records'
import fc from 'fast-check'

/** A mutated file, where it is cut into two chunks, and how it is to be read. */
export interface Mutant {
  readonly bytes: Uint8Array
  readonly cutAt: number
  readonly options: SourceOptions
}

/** What tends to upset readers of text, XML, JSON, CSV and binary frames. */
const SPLICES = [
  ...[
    '"',
    "'",
    ',',
    ';',
    '\t',
    '\n',
    '\r\n',
    '\0',
    '\ufeff',
    '\u2028',
    '{',
    '}',
    '[',
    ']',
    ':',
    '<',
    '>',
    '/>',
    '&',
    '%',
  ],
  ...[
    '</',
    '<!--',
    '<![CDATA[',
    ']]>',
    '<!DOCTYPE a [<!ENTITY b "c">]>',
    '&b;',
    '&#0;',
    '&#x110000;',
    '<?x ?>',
  ],
  ...[
    'null',
    'true',
    '{}',
    '[]',
    '""',
    '"__proto__":',
    '"resourceType":',
    '\\u0000',
    '\\ud800',
    '1e999',
    '-0',
    '0.',
    '.5',
  ],
  ...[
    'Low',
    'High',
    'NaN',
    'Infinity',
    '-1',
    '9'.repeat(30),
    '0'.repeat(400),
    '2026-02-30',
    '24:00',
    '+14:01',
    '00:00:00',
  ],
  ...['99', '1899', '9999-12-31T23:59:59Z', 'Z', '+01:00', 'ff', '0000', 'aaa7', '2AA7', 'g', 'm/s2', 'cm'],
].map((text) => new TextEncoder().encode(text))

type Edit = (bytes: Uint8Array) => Uint8Array

const at = fc.nat(1 << 20)

/** Puts something in the place of a few bytes. */
const splice: fc.Arbitrary<Edit> = fc
  .tuple(at, fc.nat(24), fc.oneof(fc.constantFrom(...SPLICES), fc.uint8Array({ maxLength: 6 })))
  .map(([where, cut, put]) => (bytes) => {
    const start = where % (bytes.length + 1)
    return joined(bytes.subarray(0, start), put, bytes.subarray(start + cut))
  })

/** Repeats a stretch, a few times or very often. */
const repeat: fc.Arbitrary<Edit> = fc
  .tuple(at, fc.integer({ min: 1, max: 400 }), fc.oneof(fc.nat(6), fc.nat(3000)))
  .map(([where, length, times]) => (bytes) => {
    const start = where % (bytes.length + 1)
    const stretch = bytes.subarray(start, start + length)
    // Large enough to show growth that is not linear, small enough to try many.
    const count = Math.min(times, Math.floor(300_000 / Math.max(1, stretch.length)))
    return joined(bytes.subarray(0, start), ...Array<Uint8Array>(count).fill(stretch), bytes.subarray(start))
  })

const cut: fc.Arbitrary<Edit> = fc.tuple(at, at).map(([from, length]) => (bytes) => {
  const start = from % (bytes.length + 1)
  return joined(bytes.subarray(0, start), bytes.subarray(start + (length % (bytes.length + 1))))
})

const flip: fc.Arbitrary<Edit> = fc.tuple(at, fc.nat(255)).map(([where, byte]) => (bytes) => {
  if (bytes.length === 0) return bytes
  const changed = bytes.slice()
  changed[where % bytes.length] = byte
  return changed
})

/** Takes the end of another sample. */
function crossWith(seeds: readonly Uint8Array[]): fc.Arbitrary<Edit> {
  return fc.tuple(fc.constantFrom(...seeds), at, at).map(
    ([other, here, there]) =>
      (bytes) =>
        joined(bytes.subarray(0, here % (bytes.length + 1)), other.subarray(there % (other.length + 1))),
  )
}

const options: fc.Arbitrary<SourceOptions> = fc.record(
  {
    timeZone: fc.constantFrom('Europe/Rome', '+01:00', 'Australia/Lord_Howe', 'Nowhere/Else'),
    unit: fc.constantFrom('mg/dL', 'mmol/L', 'g', 'm/s2', 'cm', 'mm', 'ell'),
    dateOrder: fc.constantFrom('dmy', 'mdy'),
    axes: fc.constantFrom('ml-ap', 'ap-ml'),
    rateHz: fc.constantFrom(25, 100, 0.001, Number.NaN),
    startTime: fc.constantFrom('2026-01-31T08:05:00+01:00', '2026-01-31T08:05:00Z', 'yesterday'),
    maxLineBytes: fc.constantFrom(65_536, 200),
    maxReadings: fc.constantFrom(500_000, 3),
  },
  { requiredKeys: ['timeZone'] },
)

/** Files made of samples by a few edits; half of them are read with options that fit. */
export function mutantsOf(seeds: readonly Uint8Array[]): fc.Arbitrary<Mutant> {
  const edit = fc.oneof(
    { weight: 6, arbitrary: splice },
    { weight: 2, arbitrary: flip },
    { weight: 1, arbitrary: repeat },
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: crossWith(seeds) },
  )
  const fitting = fc.constantFrom(undefined, 'g', 'cm').map(
    (unit): SourceOptions => ({
      timeZone: 'Europe/Rome',
      dateOrder: 'dmy',
      rateHz: 100,
      axes: 'ml-ap',
      startTime: '2026-01-31T08:05:00+01:00',
      ...(unit === undefined ? {} : { unit }),
    }),
  )
  return fc
    .record({
      seed: fc.constantFrom(...seeds),
      // Most files need one thing wrong to be refused: few edits leave more of them readable.
      edits: fc.oneof(fc.array(edit, { maxLength: 2 }), fc.array(edit, { maxLength: 6 })),
      where: at,
      options: fc.oneof(fitting, options),
    })
    .map(({ seed, edits, where, options: how }) => {
      const bytes = edits.reduce((before, change) => change(before), seed)
      return { bytes, cutAt: where % (bytes.length + 1), options: how }
    })
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}
