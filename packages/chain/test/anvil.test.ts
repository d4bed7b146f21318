import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startAnvil } from '../../../nodes/cli/src/anvil.ts'
import { errorOf } from './local-halo.ts'

const test = suite('chain/anvil')
const MODULE = new URL('../../../nodes/cli/src/anvil.ts', import.meta.url).href

async function answers(port: number): Promise<boolean> {
  try {
    await fetch(`http://127.0.0.1:${port}`, {
      method: 'POST',
      body: '{}',
      signal: AbortSignal.timeout(2_000),
    })
    return true
  } catch {
    return false
  }
}

test('is gone once it is disposed of', async () => {
  const anvil = await startAnvil({ accounts: 1 })
  assert.ok(await answers(anvil.port))
  await anvil[Symbol.asyncDispose]()
  assert.not.ok(await answers(anvil.port))
  await anvil[Symbol.asyncDispose]()
})

test('is gone once its signal aborts', async () => {
  const ending = new AbortController()
  const anvil = await startAnvil({ accounts: 1, signal: ending.signal })
  ending.abort()
  await anvil[Symbol.asyncDispose]()
  assert.not.ok(await answers(anvil.port))
})

test('is reaped when its parent is killed with SIGKILL', async () => {
  const script = `const { startAnvil } = await import('${MODULE}')
    const anvil = await startAnvil({ accounts: 1 })
    process.stdout.write(anvil.port + '\\n')
    setInterval(() => undefined, 1000)`
  const flags = ['--conditions=@halo/source', '--disable-warning=ExperimentalWarning', '--input-type=module']
  const parent = spawn(process.execPath, [...flags, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(createInterface({ input: parent.stdout }), 'line')
  const port = Number(line)
  assert.ok(await answers(port))
  parent.kill('SIGKILL')
  const deadline = performance.now() + 10_000
  while ((await answers(port)) && performance.now() < deadline);
  assert.not.ok(await answers(port))
})

test('says so when there is no binary, and when the binary is no chain', async () => {
  const error = await errorOf(startAnvil({ binary: '/nonexistent/anvil' }))
  assert.is(error['code'], 'ANVIL_MISSING')
  assert.is((await errorOf(startAnvil({ binary: '/bin/false' })))['code'], 'ANVIL_FAILED')
})

test.run()
