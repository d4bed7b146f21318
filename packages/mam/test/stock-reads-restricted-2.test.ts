import { suite } from 'uvu'
import { claimStockReads } from './stock-reads-claims.ts'

const test = suite('mam/stock-reads-restricted-2')

claimStockReads(test, { mode: 'restricted', security: 2, count: 233 })

test.run()
