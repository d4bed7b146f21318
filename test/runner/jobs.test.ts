import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findJobs } from './jobs.ts'

const test = suite('runner/jobs')
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const LONG = ['test/story/', 'test/attack/', 'nodes/cli/test/', 'packages/mam/test/stock-reads-']

test('gives more time to what starts networks or asks a slow library thousands of times, and to nothing else', () => {
  const jobs = findJobs(ROOT, ['packages/', 'nodes/', 'test/'], null).filter(
    ({ name }) => name !== 'contracts',
  )
  const least = Math.min(...jobs.map(({ command }) => command.timeoutMs))
  for (const start of LONG)
    assert.ok(
      jobs.some(({ name }) => name.startsWith(start)),
      start,
    )
  for (const { name, command } of jobs)
    assert.is(
      command.timeoutMs > least,
      LONG.some((start) => name.startsWith(start)),
      name,
    )
})

test('takes the time it is told to for every job instead', () => {
  const jobs = findJobs(ROOT, ['packages/mam/test/'], 1234)
  assert.ok(jobs.length > 20)
  assert.ok(jobs.every(({ command }) => command.timeoutMs === 1234))
})

test.run()
