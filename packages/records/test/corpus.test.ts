import { SOURCE_KINDS } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readCorpus, seedsOf, survive } from './survive.ts'

const test = suite('records/corpus')

/** What the sample files leave to be said. */
const OPTIONS = {
  timeZone: 'Europe/Rome',
  startTime: '2026-01-31T08:05:00+01:00',
  dateOrder: 'dmy',
  rateHz: 100,
  axes: 'ml-ap',
} as const

for (const kind of SOURCE_KINDS)
  test(`has sample files of the kind ${kind}, of which at least one becomes resources`, async () => {
    const seeds = seedsOf(kind)
    assert.ok(seeds.length > 0, 'there is a sample')
    const units = [undefined, 'g', 'mm', 'mg/dL']
    const outcomes = await Promise.all(
      seeds.flatMap((bytes) => units.map((unit) => survive({ kind, options: { ...OPTIONS, unit }, bytes }))),
    )
    assert.ok(
      outcomes.some((outcome) => 'lines' in outcome && outcome.lines > 0),
      JSON.stringify(outcomes),
    )
  })

for (const { name, ...entry } of readCorpus())
  test(`survives ${name}, which once broke it`, async () => {
    await survive(entry)
    await survive(entry, entry.bytes.length >> 1)
  })

test.run()
