import { suite } from 'uvu'
import { claimStockReads } from './stock-reads-claims.ts'

const test = suite('mam/stock-reads-public-2')

claimStockReads(test, { mode: 'public', security: 2, count: 233 })

test.run()
