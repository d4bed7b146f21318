import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { measureTremor } from '@halo/measures'
import { readMotion } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('measures/tremor-oracle')

const FIELDS = [
  'n',
  'peak_hz',
  'band_rms_4_12',
  'peak_rms_pm1hz',
  'band_fraction',
  'peak_concentration',
  'disp_pp_cm',
  'trs_raw_elble',
] as const
/** The reference is rounded to six decimals, the grade to four. */
const ROUNDING = { trs_raw_elble: 0.5e-4 } as const
const OTHERS_ROUNDING = 0.5e-6

function sharedPath(name: string): string {
  return fileURLToPath(new URL(`../../../../shared/data/sage_mhealthtools/${name}`, import.meta.url))
}

const title = 'agrees with independent figures of two iPhone recordings, as far as those are rounded'
if (existsSync(sharedPath('oracle_tremor_25hz.json'))) test(title, checkAll)
else
  process.stdout.write(`SKIP measures/tremor-oracle: ${title}: ../shared/data/sage_mhealthtools is absent\n`)

async function checkAll(): Promise<void> {
  const oracle: Record<string, Record<string, number>> = JSON.parse(
    readFileSync(sharedPath('oracle_tremor_25hz.json'), 'utf8'),
  )
  let checked = 0
  for (const [name, expected] of Object.entries(oracle)) {
    const figures = measureTremor(await readMotion(createReadStream(sharedPath(`${name}.csv`))))
    for (const field of FIELDS) {
      const error = Math.abs((figures[field] ?? Number.NaN) - (expected[field] ?? Number.NaN))
      const rounding = field === 'trs_raw_elble' ? ROUNDING[field] : OTHERS_ROUNDING
      assert.ok(error <= rounding + 1e-9, `${name} ${field}`)
      checked += 1
    }
    // Nobody says that these are hands with tremor: nothing in them is at one frequency within the band.
    assert.is(figures.status, 'unknown')
  }
  assert.is(checked, 16)
}

test.run()
