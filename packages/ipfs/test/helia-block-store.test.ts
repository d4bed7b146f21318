import { runBlockStoreSuite } from './block-store-suite.ts'
import { openDirectory, openStore } from './open-store.ts'

runBlockStoreSuite('ipfs/helia-block-store', async () => {
  const directory = await openDirectory()
  const store = await openStore(directory.path)
  return {
    blocks: store.blocks,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
})
