import { suite } from 'uvu'
import { claimStockReads } from './stock-reads-claims.ts'

const test = suite('mam/stock-reads-private-2')

claimStockReads(test, { mode: 'private', security: 2, count: 233 })

test.run()
