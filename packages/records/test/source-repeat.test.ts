import type { SourceKind, SourceOptions, SourceReport } from '@halo/records'
import { convert, SOURCE_KINDS } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { clarityFile, clarityRow } from './clarity-file.ts'
import { chunksOf } from './import-text.ts'
import { convertText, refusalOf } from './source-text.ts'
import { optionsFor, seedsOf } from './survive.ts'

const test = suite('records/source-repeat')
const ROME: SourceOptions = { timeZone: 'Europe/Rome' }

for (const kind of SOURCE_KINDS)
  test(`gives the same bytes for the same file of ${kind}, in whatever chunks it comes`, async () => {
    for (const seed of seedsOf(kind)) {
      const options = optionsFor(kind, seed)
      const { text, report } = await convertText(kind, seed, options)
      const conversion = convert(kind, chunksOf(...Array.from(seed, (byte) => Uint8Array.of(byte))), options)
      let again = ''
      for await (const piece of conversion) again += piece
      assert.is(again, text)
      assert.equal(conversion.report(), report)
    }
  })

/** A Clarity export of readings every 5 minutes, from one reading to another. */
function exportOf(first: number, last: number): string {
  const rows = Array.from({ length: last - first + 1 }, (_, at) => {
    const time = new Date(Date.UTC(2026, 9, 24, 22) + (first + at) * 300_000).toISOString().slice(0, 19)
    return clarityRow(time, String(100 + ((first + at) % 50)))
  })
  return clarityFile(rows)
}

test('gives lines of overlapping exports that repeat each other byte for byte, so that merging leaves one of each', async () => {
  const early = await convertText('dexcom-clarity', exportOf(0, 199), ROME)
  const late = await convertText('dexcom-clarity', exportOf(100, 299), ROME)
  const whole = await convertText('dexcom-clarity', exportOf(0, 299), ROME)
  const merged = await convertText('fhir', early.text + late.text)
  assert.is(merged.report.duplicates, 100)
  assert.equal(merged.lines, whole.lines)
  const keys = new Set(
    merged.lines.map((line) => {
      const { subject, code, effectiveDateTime } = JSON.parse(line)
      return `${subject.reference} ${code.coding[0].code} ${Date.parse(effectiveDateTime)}`
    }),
  )
  assert.is(keys.size, 300, 'no subject has two readings of one code at one instant')
})

interface Overlap {
  readonly kind: SourceKind
  /** One entry of each person or room, the first of which is missing in the later export. */
  readonly file: (names: readonly string[]) => string
}

const REPORTED = { Medicine: 'none', caffee: 'No', ArmExtendL: 1 }
const OVERLAPS: readonly Overlap[] = [
  {
    kind: 'glucose-csv',
    file: (names) =>
      ['id,time,gl', ...names.map((id) => `${id},2026-01-05T08:00:00,${80 + id.length}`)].join('\n'),
  },
  {
    kind: 'air-quality',
    file: airOf,
  },
  {
    kind: 'patient-report',
    file: (names) =>
      JSON.stringify(
        names.map((uuid) => ({ ...REPORTED, uuid, date: '2026-01-05T08:00:00Z', Angle: uuid.length })),
      ),
  },
]

/** The air of rooms at one instant. */
function airOf(names: readonly string[]): string {
  return JSON.stringify(
    names.map((location) => ({ location, timestamp: '2026-01-05 08:00:00', pm10: location.length })),
  )
}
const APPEARANCE = 'numbered-by-appearance'

/** How often a file says that its order decided on numbers. */
function appearances({ notes }: SourceReport): number {
  return notes.find(({ rule }) => rule === APPEARANCE)?.count ?? 0
}

for (const { kind, file } of OVERLAPS) {
  const people = ['Zanzibella', 'Quux', 'Ann Smith']

  test(`numbers several in overlapping files of ${kind} alike when told their names, so that merging mixes up nobody`, async () => {
    const names = ['Ann Smith', 'Not there', 'Zanzibella', 'Quux']
    const whole = await convertText(kind, file(people), { ...ROME, names })
    const late = await convertText(kind, file(people.slice(1)), { ...ROME, names })
    const merged = await convertText('fhir', whole.text + late.text)
    assert.is(merged.report.duplicates, late.lines.length)
    assert.equal(merged.lines.toSorted(), whole.lines.toSorted())
    assert.is(appearances(whole.report) + appearances(late.report), 0)
    assert.match(whole.text, /(subject|room)-1"/)
    assert.not.match(whole.text, /(subject|room)-2"|Zanzi|Quux|Ann|Not there/)
  })

  test(`says of ${kind} when the order of the file decided on numbers, and only then`, async () => {
    const notedFor = async (found: readonly string[], names?: readonly string[]): Promise<number> =>
      appearances((await convertText(kind, file(found), { ...ROME, names })).report)
    assert.is(await notedFor(people), 2)
    assert.is(await notedFor(people.slice(1)), 1)
    assert.is(await notedFor(['Ann Smith']), 0)
    assert.is(await notedFor(people, ['Quux', 'Zanzibella']), 1)
    assert.is(await notedFor(['Ann Smith'], ['Quux']), 1)
    assert.is(await notedFor(['Quux'], ['Quux']), 0)
    const { text } = await convertText(kind, file(people), { ...ROME, names: ['Quux'] })
    assert.match(text, /(subject|room)-3"/, 'names that were not given follow those that were')
  })

  test(`refuses names of ${kind} that are empty or repeated, without saying them`, async () => {
    for (const names of [
      ['Ann Smith', 'Ann Smith'],
      ['Ann Smith', ' '],
    ]) {
      const error = await refusalOf(() => convertText(kind, file(people), { ...ROME, names }))
      assert.is(error.code, 'OPTION_INVALID')
      assert.equal(error.details, { option: 'names' })
      assert.not.match(error.message, /Ann/)
    }
  })
}

test('mixes up rooms where names are not given, which the note is there to say', async () => {
  const whole = await convertText('air-quality', airOf(['Kitchen', 'Hall', 'Attic']), ROME)
  const late = await convertText('air-quality', airOf(['Hall', 'Attic']), ROME)
  const { lines } = await convertText('fhir', whole.text + late.text)
  const ofFirst = lines.filter((line) => line.includes('"Location/room-1"'))
  assert.is(ofFirst.length, 2, 'one room has two readings of one instant')
  assert.ok(appearances(whole.report) > 0 && appearances(late.report) > 0)
})

test('lists a thousand gaps, and says how many more there are', async () => {
  const rows = Array.from({ length: 4410 }, (_, at) => {
    const time = new Date(Date.UTC(2026, 0, 1) + (at * 5 + 60 * Math.floor(at / 4)) * 60_000).toISOString()
    return `a,${time.slice(0, 19)}Z,100`
  })
  const { report } = await convertText('glucose-csv', ['id,time,gl', ...rows].join('\n'))
  assert.is(report.gaps.length, 1000)
  assert.equal(
    report.notes.map(({ rule, count }) => [rule, count]),
    [['gaps-cut', 102]],
  )
})

test('keeps values of a file that says the same in another order', async () => {
  const rows = exportOf(0, 50).split('\r\n')
  const [header = '', ...rest] = rows
  const reversed = [header, ...rest.filter((row) => row !== '').reverse()].join('\r\n')
  const { text } = await convertText('dexcom-clarity', exportOf(0, 50), ROME)
  assert.is((await convertText('dexcom-clarity', reversed, ROME)).text, text)
})

test.run()
