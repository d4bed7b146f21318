import { SOURCE_KINDS } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mutantsOf } from '../../../test/bench/fuzz/mutation.ts'
import { holds } from '../../../test/claims/property.ts'
import { seedsOf, survive } from './survive.ts'

const test = suite('records/source-fuzz')

for (const kind of SOURCE_KINDS)
  test(`ends mutated files of ${kind} with canonical resources or a refusal`, async () => {
    let read = 0
    let refused = 0
    await holds(
      fc.asyncProperty(mutantsOf(seedsOf(kind)), async ({ bytes, cutAt, options }) => {
        const outcome = await survive({ kind, options, bytes }, cutAt)
        if ('lines' in outcome) read += 1
        else refused += 1
      }),
      300,
    )
    assert.ok(read > 3, 'some are still readable')
    assert.ok(refused > 3, 'some are not')
  })

test.run()
