import { answerParsing, openEngine } from '../src/index.ts'

/** A worker of a browser that reads messages, and that one payload makes hang as a defect would. */
const engine = await openEngine('simd')
answerParsing(self, {
  parseMessage(payload, root, sideKey) {
    if (payload === 'HANG') while (true);
    return engine.parseMessage(payload, root, sideKey)
  },
})
