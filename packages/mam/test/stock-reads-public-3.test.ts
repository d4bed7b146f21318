import { suite } from 'uvu'
import { claimStockReads } from './stock-reads-claims.ts'

const test = suite('mam/stock-reads-public-3')

claimStockReads(test, { mode: 'public', security: 3, count: 233 })

test.run()
