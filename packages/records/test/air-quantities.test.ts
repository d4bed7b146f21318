import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AIR_QUANTITIES as MEASURED } from '../../measures/src/air/air-record.ts'
import { AIR_QUANTITIES } from '../src/fhir/air.ts'

const test = suite('records/air-quantities')

test('records and measures know the same quantities of air, by the same names, in the same order', () => {
  assert.equal([...AIR_QUANTITIES], [...MEASURED])
})

test.run()
