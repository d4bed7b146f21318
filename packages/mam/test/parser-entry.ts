import { parentPort, workerData } from 'node:worker_threads'
import type { MessageParser } from '../src/index.ts'
import { answerParsing, openEngine } from '../src/index.ts'

/** A worker of Node that reads messages, and that some payloads make misbehave as a defect would. */
if (parentPort === null) throw new Error('This file runs in a worker.')
if (workerData === 'never ready') setInterval(() => {}, 1000)
else answerParsing(parentPort, workerData === 'honest' ? await openEngine('simd') : await openFragile())

async function openFragile(): Promise<MessageParser> {
  const engine = await openEngine('simd')
  return {
    parseMessage(payload, root, sideKey) {
      if (payload.includes('HANGHANGHANG')) while (true);
      if (payload.includes('DIEDIEDIEDIE')) process.exit(7)
      if (payload === 'DEFECT') throw new TypeError('a defect')
      if (payload === 'NONSENSE')
        parentPort?.postMessage({ kind: 'parsed', nextRoot: root, trytes: 'NOT9ASKED', id: 0 })
      return engine.parseMessage(payload, root, sideKey)
    },
  }
}
