import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { measureGlucose, summariseGlucose } from '@halo/measures'
import { importGlucose } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('measures/oracle')

/** The reference values are rounded to six decimals, which is more than 1e-6 of the smallest of them. */
const ROUNDING = 0.5e-6

function sharedPath(name: string): string {
  return fileURLToPath(new URL(`../../../../shared/data/cgm_iglu/${name}`, import.meta.url))
}

const title = 'agrees with independent figures for five people to 1e-6, in every figure they have'
if (existsSync(sharedPath('oracle_metrics.json'))) test(title, checkAll)
else process.stdout.write(`SKIP measures/oracle: ${title}: ../shared/data/cgm_iglu is absent\n`)

async function checkAll(): Promise<void> {
  const oracle: Record<string, Record<string, number | string>> = JSON.parse(
    readFileSync(sharedPath('oracle_metrics.json'), 'utf8'),
  )
  const { record } = await importGlucose(createReadStream(sharedPath('example_data_5_subject.csv')))
  const readings = [...record.readings()]
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

function assertNear(actual: unknown, wanted: number | string, what: string): void {
  if (typeof wanted === 'string') assert.is(actual, wanted, what)
  else assert.ok(typeof actual === 'number' && isNear(actual, wanted), what)
}

function isNear(actual: number, wanted: number): boolean {
  return Math.abs(actual - wanted) <= 1e-6 * Math.abs(wanted) + ROUNDING
}

test.run()
