import type { SourceOptions } from '@halo/records'
import { convert, SOURCE_KINDS } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { clarityFile, clarityRow } from './clarity-file.ts'
import { chunksOf } from './import-text.ts'
import { convertText } from './source-text.ts'
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
