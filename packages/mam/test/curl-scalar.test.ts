import { suite } from 'uvu'
import { createScalarEngine } from '../src/index.ts'
import { claimCurl } from './curl-claims.ts'

const test = suite('mam/curl-scalar')

claimCurl(test, createScalarEngine())

test.run()
