import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bench } from '../proofs.bench.ts'
import { findBroken } from '../report.ts'
import { CONTENDERS } from './contenders.ts'
import type { Figure } from './figures.ts'
import { figureRows, recordsOf } from './figures.ts'
import { plotFigures } from './figures-plot.ts'
import { measureReceipts } from './receipt-rows.ts'

const test = suite('test/bench/proofs')

const FIGURES: readonly Figure[] = [1, 10_000].flatMap((records) =>
  CONTENDERS.map(({ name }, i) => ({
    contender: name,
    records,
    proveMs: records / 100 + i,
    verifyMs: 0.01 * (i + 1),
    proveSpread: 0.1,
    verifySpread: 0.126,
    proofBytes: 448,
    series: 7,
  })),
)

test('lets every contender prove all records, whatever their number', () => {
  for (const { name, prove } of CONTENDERS)
    for (const count of [1, 2, 3, 7, 16]) assert.ok(prove(recordsOf(count)).verifyAll(), `${name} ${count}`)
})

test('fails when ours breaks a limit, and not for what others take', () => {
  const isBroken = (change: Partial<Figure>, at: number): boolean => {
    const figure = FIGURES.filter(({ records }) => records === 10_000)[at] as Figure
    return figureRows([{ ...figure, ...change }]).some((row) => findBroken(bench, row).length > 0)
  }
  assert.equal([isBroken({ proveMs: 99.9 }, 0), isBroken({ proveMs: 100.1 }, 0)], [false, true])
  assert.equal([isBroken({ verifyMs: 0.099 }, 0), isBroken({ verifyMs: 0.101 }, 0)], [false, true])
  assert.equal([isBroken({ proveMs: 9000 }, 1), isBroken({ verifyMs: 1 }, 2)], [false, false])
})

test('names one record as one, and says how far the series of a figure lie apart', () => {
  const [row] = figureRows(FIGURES)
  assert.is(row?.name, '1 record: @halo/proofs')
  assert.equal([row?.['treeAndProofsSpreadPercent'], row?.['verifyOneSpreadPercent']], [10, 13])
  const [single] = figureRows([{ ...(FIGURES[0] as Figure), series: 1 }])
  assert.is(single?.['treeAndProofsSpreadPercent'], undefined)
})

test('draws every contender in both panels and tells all figures in tables', () => {
  const svg = plotFigures(FIGURES, 'a machine')
  assert.is(svg.match(/<path d="M[\d.]+ [\d.]+L[\d.]+ [\d.]+"/g)?.length, 2 * CONTENDERS.length)
  assert.is(svg.match(/role="table"/g)?.length, 2)
  assert.match(svg, /For 10 000 records @halo\/proofs takes 100 ms to make the tree and all proofs/)
  assert.match(svg, /a machine/)
  assert.not.match(svg, /NaN|Infinity|undefined/)
})

test('weighs receipts that hold, and the one for ten thousand records keeps its limit', () => {
  const rows = measureReceipts()
  const limited = rows.filter((row) => row['limitReceiptBytes'] !== undefined)
  assert.is(limited.length, 1)
  assert.ok(limited.every((row) => findBroken(bench, row).length === 0))
  assert.is(findBroken(bench, { ...limited[0], name: 'larger', receiptBytes: 701 }).length, 1)
  assert.equal(
    rows.map((row) => row['proofBytes']),
    [4, 14, 20, 24].map((levels) => 32 * levels),
  )
})

test.run()
