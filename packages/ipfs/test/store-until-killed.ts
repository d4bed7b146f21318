/** Stores one shard after another and writes the CID of each as soon as it is acknowledged; for the crash test. */
import { writeSync } from 'node:fs'
import { openStore, streamOf, unitOf } from './open-store.ts'

const [dir = ''] = process.argv.slice(2)
const store = await openStore(dir)
for (let seed = 0; ; seed += 4) {
  const units = [0, 1, 2, 3].map((at) => unitOf(seed + at, 100_000))
  const { cid } = await store.blocks.putShard(streamOf(units))
  writeSync(1, `${cid}\n`)
}
