import { suite } from 'uvu'
import { claimDifferential } from './differential-claims.ts'

const test = suite('mam/differential-private')

claimDifferential(test, 'private', 2)

test.run()
