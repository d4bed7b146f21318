import { suite } from 'uvu'
import { claimDifferential } from './differential-claims.ts'

const test = suite('mam/differential-restricted')

claimDifferential(test, 'restricted', 3)

test.run()
