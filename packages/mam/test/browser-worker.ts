import { answerParsing, openEngine } from '../src/index.ts'

/** A worker of a browser that reads messages, and that two payloads make misbehave as a defect would. */
const engine = await openEngine('simd')
answerParsing(self, {
  parseMessage(payload, root, sideKey) {
    if (payload === 'HANG') while (true);
    if (payload === 'DEFECT') throw new TypeError('a defect')
    return engine.parseMessage(payload, root, sideKey)
  },
})
