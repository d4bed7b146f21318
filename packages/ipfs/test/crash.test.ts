import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { filesIn, openDirectory, openStore, unitOf } from './open-store.ts'

const test = suite('ipfs/crash')
const SCRIPT = fileURLToPath(new URL('store-until-killed.ts', import.meta.url))

/** Lets a process store shards in `dir` and kills it with SIGKILL after `count` acknowledgements. */
async function storeUntilKilled(dir: string, count: number): Promise<readonly string[]> {
  const flags = ['--conditions=@halo/source', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...flags, SCRIPT, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const acknowledged: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line)
    if (acknowledged.length === count) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  assert.is(child.signalCode, 'SIGKILL')
  return acknowledged
}

test('a store killed with SIGKILL has every shard it acknowledged, and no leftovers', async () => {
  await using directory = await openDirectory()
  const acknowledged = await storeUntilKilled(directory.path, 12)
  assert.ok(acknowledged.length >= 12)
  await using store = await openStore(directory.path)
  for (const [at, cid] of acknowledged.entries()) {
    for (const index of [0, 1, 2, 3])
      assert.equal(await store.blocks.readUnit(cid, index), unitOf(at * 4 + index, 100_000))
  }
  // The shard under way may have been committed without being acknowledged; half a shard may not stay.
  const { shards } = await store.blocks.usage()
  assert.ok(shards - acknowledged.length <= 1)
  assert.is((await filesIn(directory.path)).length, shards * 6)
})

test.run()
