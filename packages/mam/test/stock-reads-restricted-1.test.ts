import { suite } from 'uvu'
import { claimStockReads } from './stock-reads-claims.ts'

const test = suite('mam/stock-reads-restricted-1')

claimStockReads(test, { mode: 'restricted', security: 1, count: 234 })

test.run()
