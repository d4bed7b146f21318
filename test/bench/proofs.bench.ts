import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchOptions, Row } from './bench.ts'
import { figureRows, measureFigures } from './proofs/figures.ts'
import { plotFigures } from './proofs/figures-plot.ts'
import { measureLogs } from './proofs/log-rows.ts'
import { measureReceipts } from './proofs/receipt-rows.ts'
import { describeMachine } from './report.ts'

const PARTS = ['figures', 'log', 'receipts'] as const

/** What proofs cost, at the numbers of records of paper 002 and for a log of a million. */
export const bench: Bench = {
  name: 'proofs',
  description:
    "tree and all proofs, verification (paper 002's Figures 5 and 6, whose text gives no numbers), logs, receipts; limits: 10 000 records in 100 ms, one verification in 0.1 ms, a receipt in 700 bytes; baselines on the same records in the same run",
  parts: PARTS,
  hasPlot: true,
  limits: [
    ['treeAndProofsMs', 'limitTreeAndProofsMs'],
    ['verifyOneMs', 'limitVerifyOneMs'],
    ['receiptBytes', 'limitReceiptBytes'],
  ],
  async rows(options) {
    const parts: Readonly<Record<(typeof PARTS)[number], () => Promise<readonly Row[]>>> = {
      figures: () => drawFigures(options),
      log: () => measureLogs(options),
      receipts: async () => measureReceipts(),
    }
    const rows: Row[] = []
    for (const name of PARTS)
      if (options.only.length === 0 || options.only.includes(name)) rows.push(...(await parts[name]()))
    return rows
  },
}

async function drawFigures(options: BenchOptions): Promise<readonly Row[]> {
  const figures = measureFigures(options)
  const path = options.plotPath ?? join(await mkdtemp(join(tmpdir(), 'halo-bench-')), 'proofs.svg')
  const { cpu, cores, node } = describeMachine()
  await writeFile(path, plotFigures(figures, `${cpu}, ${cores} cores, Node ${node}`))
  options.onProgress(`figures: drawn to ${path}`)
  return figureRows(figures)
}
