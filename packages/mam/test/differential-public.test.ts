import { suite } from 'uvu'
import { claimDifferential } from './differential-claims.ts'

const test = suite('mam/differential-public')

claimDifferential(test, 'public', 1)

test.run()
