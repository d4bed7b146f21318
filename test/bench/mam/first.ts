/** What a process waits for its first message, made and read, imports aside: two figures in milliseconds. */
import { openEngine } from '@halo/mam'
import { makeMessage, makeSubject } from './subjects.ts'

const subject = makeSubject(570, 'public', 3)
const started = performance.now()
const engine = await openEngine('simd')
const { payload, root } = makeMessage(engine, subject, 0)
const made = performance.now()
engine.parseMessage(payload, root)
process.stdout.write(JSON.stringify({ coldMs: made - started, parseMs: performance.now() - made }))
