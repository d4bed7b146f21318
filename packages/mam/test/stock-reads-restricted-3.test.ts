import { suite } from 'uvu'
import { claimStockReads } from './stock-reads-claims.ts'

const test = suite('mam/stock-reads-restricted-3')

claimStockReads(test, { mode: 'restricted', security: 3, count: 233 })

test.run()
