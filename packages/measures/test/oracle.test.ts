import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { measureGlucose, summariseGlucose } from '@halo/measures'
import type { GlucoseReading } from '@halo/records'
import { importGlucose } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('measures/oracle')

/** The reference values are rounded to six decimals, which is more than 1e-6 of the smallest of them. */
const ROUNDING = 0.5e-6

function sharedPath(name: string): string {
  return fileURLToPath(new URL(`../../../../shared/data/cgm_iglu/${name}`, import.meta.url))
}

/**
 * What iglu_python 0.4.3 says of subjects 1 to 5: MODD, MAGE (mean of both directions), and episodes below 70, above 180
 * and above 250 mg/dL. It interpolates onto an even grid and turns where moving averages cross, so figures
 * are near ours and not the same.
 */
const OTHER = [
  [27.808722, 72.424347, 1, 16, 2],
  [44.056028, 118.073509, 0, 21, 19],
  [48.192855, 115.777251, 1, 9, 4],
  [24.853397, 70.858207, 2, 13, 0],
  [59.386411, 142.289293, 1, 38, 18],
] as const

checkWhereThereIsData(
  'agrees with independent figures for five people to 1e-6, in every figure they have',
  checkAll,
)
checkWhereThereIsData('comes near another program in what has more than one definition', checkOther)

function checkWhereThereIsData(title: string, check: () => Promise<void>): void {
  if (existsSync(sharedPath('oracle_metrics.json'))) test(title, check)
  else process.stdout.write(`SKIP measures/oracle: ${title}: ../shared/data/cgm_iglu is absent\n`)
}

async function readFive(): Promise<GlucoseReading[]> {
  const { record } = await importGlucose(createReadStream(sharedPath('example_data_5_subject.csv')))
  return [...record.readings()]
}

async function checkAll(): Promise<void> {
  const oracle: Record<string, Record<string, number | string>> = JSON.parse(
    readFileSync(sharedPath('oracle_metrics.json'), 'utf8'),
  )
  const readings = await readFive()
  let checked = 0
  for (const [name, expected] of Object.entries(oracle)) {
    // The file lists its subjects in the order of their names.
    const subject = Number(name.replace('Subject ', ''))
    const own = readings.filter((reading) => reading.subject === subject)
    const measures: Readonly<Record<string, unknown>> = { ...measureGlucose(own) }
    const summary: Readonly<Record<string, unknown>> = { ...summariseGlucose(own) }
    for (const [field, wanted] of Object.entries(expected)) {
      assertNear(measures[field], wanted, `${name} ${field}`)
      if (field in summary) assert.equal(summary[field], measures[field], `${name} ${field}, summary`)
      checked += 1
    }
  }
  assert.is(checked, 5 * 18)
}

async function checkOther(): Promise<void> {
  const readings = await readFive()
  for (const [index, [modd, mage, ...episodes]] of OTHER.entries()) {
    const measures = measureGlucose(readings.filter(({ subject }) => subject === index + 1))
    const bothWays = ((measures.MAGE_up ?? 0) + (measures.MAGE_down ?? 0)) / 2
    assert.ok(Math.abs((measures.MODD ?? 0) / modd - 1) < 0.03, `MODD of ${index + 1}`)
    assert.ok(Math.abs(bothWays / mage - 1) < 0.15, `MAGE of ${index + 1}`)
    for (const [at, limit] of (['below70', 'above180', 'above250'] as const).entries())
      assert.ok(
        Math.abs(measures.episodes[limit].count - (episodes[at] ?? 0)) <= 1,
        `${limit} of ${index + 1}`,
      )
  }
}

function assertNear(actual: unknown, wanted: number | string, what: string): void {
  if (typeof wanted === 'string') assert.is(actual, wanted, what)
  else assert.ok(typeof actual === 'number' && isNear(actual, wanted), what)
}

function isNear(actual: number, wanted: number): boolean {
  return Math.abs(actual - wanted) <= 1e-6 * Math.abs(wanted) + ROUNDING
}

test.run()
