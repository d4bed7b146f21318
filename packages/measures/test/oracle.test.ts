import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { summariseGlucose } from '@halo/measures'
import { importGlucose } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('measures/oracle')

const FIELDS = [
  'n',
  'mean',
  'sd',
  'cv',
  'gmi',
  'below54',
  'below70',
  'in70_180',
  'above180',
  'above250',
] as const
/** The reference values are rounded to six decimals, which is more than 1e-6 of the smallest of them. */
const ROUNDING = 0.5e-6

function sharedPath(name: string): string {
  return fileURLToPath(new URL(`../../../../shared/data/cgm_iglu/${name}`, import.meta.url))
}

const title = 'agrees with independent figures for five people to 1e-6'
if (existsSync(sharedPath('oracle_metrics.json'))) test(title, checkAll)
else process.stdout.write(`SKIP measures/oracle: ${title}: ../shared/data/cgm_iglu is absent\n`)

async function checkAll(): Promise<void> {
  const oracle: Record<string, Record<string, number>> = JSON.parse(
    readFileSync(sharedPath('oracle_metrics.json'), 'utf8'),
  )
  const { record } = await importGlucose(createReadStream(sharedPath('example_data_5_subject.csv')))
  const readings = [...record.readings()]
  let checked = 0
  for (const [name, expected] of Object.entries(oracle)) {
    // The file lists its subjects in the order of their names.
    const subject = Number(name.replace('Subject ', ''))
    const summary = summariseGlucose(readings.filter((reading) => reading.subject === subject))
    for (const field of FIELDS) {
      const wanted = expected[field] ?? Number.NaN
      const error = Math.abs((summary[field] ?? Number.NaN) - wanted)
      assert.ok(error <= 1e-6 * wanted + ROUNDING, `${name} ${field}`)
      checked += 1
    }
  }
  assert.is(checked, 50)
}

test.run()
