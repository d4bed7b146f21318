import { toBeHex } from 'ethers'
import type { Contract, LocalContracts } from './local-contracts.ts'
import { call } from './local-contracts.ts'
import { powerBelow, sparseTree } from './sparse-tree.ts'

type Gas = Readonly<Record<string, number>>

/**
 * What roots of logs cost: to anchor as a transaction, to verify as the call of another contract. The paths
 * are the longest that a tree of that size has: for the first leaf, and from one leaf less than the whole
 * subtree that the tree begins with.
 */
export async function measureLog(halo: LocalContracts): Promise<Gas> {
  const log = await deployLog(halo)
  const [operator] = halo.operators
  if (operator === undefined) throw new Error('no operator')
  const gas: Record<string, number> = {}
  const tree = sparseTree(new Uint8Array(32).fill(7), new Map([[0, LEAF]]))
  for (const size of [10, 10_000, 10_000_000]) {
    const from = powerBelow(size) - 1
    const roots = [from, size].map((count) => [count, tree.root(count)] as const)
    for (const [index, root] of roots.entries()) {
      const { gasUsed } = await call(log, operator, 'anchor', root)
      if (size === 10) gas[`anchor root ${index === 0 ? 'first' : 'next'}`] = Number(gasUsed)
    }
    if (size === 10) {
      const { gasUsed } = await call(log, operator, 'anchor', [size, tree.root(size)])
      gas['anchor root repeated'] = Number(gasUsed)
    }
    gas[`verify inclusion in ${size}`] = await measureCall(halo, log, 'verifyInclusion', [
      operator.address,
      size,
      tree.root(size),
      0,
      LEAF,
      tree.pathOf(0, size),
    ])
    gas[`verify consistency with ${size}`] = await measureCall(halo, log, 'verifyConsistency', [
      operator.address,
      ...roots.flat(),
      tree.pathBetween(from, size),
    ])
  }
  return gas
}

const LEAF = new Uint8Array(32).fill(1)

/** The anchor of logs, on the registry of these contracts. */
export async function deployLog(halo: LocalContracts): Promise<Contract> {
  const log = await halo.ethers.deployContract('LogAnchor', [await halo.registry.getAddress()])
  return log as unknown as Contract
}

async function measureCall(
  halo: LocalContracts,
  log: Contract,
  method: string,
  args: readonly unknown[],
): Promise<number> {
  const meter = await halo.ethers.deployContract('GasMeter')
  const data = log.interface.encodeFunctionData(method, args)
  const [gas, answer] = await meter.getFunction('measure').staticCall(await log.getAddress(), data)
  if (answer !== toBeHex(1, 32)) throw new Error(`${method} did not hold`)
  return Number(gas)
}
