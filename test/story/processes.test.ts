import { readdir } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assertPlain, openPlace, type Place, until } from './halo-command.ts'

const test = suite('story/processes')

const SMALL = ['dev', '--peers', '3', '--threshold', '2'] as const

async function untilAllGone(place: Place): Promise<void> {
  await until('every process has ended', async () => (await place.processes()).length === 0)
}

if (process.platform !== 'linux') {
  process.stdout.write('SKIP story/processes: nothing is left behind: processes are found through /proc\n')
} else {
  test('a finished run leaves no process and no temporary file', async () => {
    await using place = await openPlace()
    const command = place.start(...SMALL, '--once')
    await command.untilPrinted('ok start 3 peers')
    assert.ok((await place.processes()).length >= 5, 'launcher, chain and three peers are found')
    const ended = await command.ended
    assert.is(ended.code, 0, ended.stderr)
    assert.equal(await place.processes(), [])
    assert.equal(await readdir(place.temporary), [])
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal} while it stays up stops everything and leaves nothing`, async () => {
      await using place = await openPlace()
      const command = place.start(...SMALL)
      await command.untilPrinted('Ctrl-C stops everything')
      command.child.kill(signal)
      const ended = await command.ended
      assert.is(ended.code, 0, ended.stderr)
      assertPlain(ended)
      assert.equal(await place.processes(), [])
      assert.equal(await readdir(place.temporary), [])
    })

    test(`${signal} in the middle of a step says so, stops everything and leaves nothing`, async () => {
      await using place = await openPlace()
      const command = place.start(...SMALL, '--once')
      await command.untilPrinted('ok deploy the contracts')
      command.child.kill(signal)
      const ended = await command.ended
      assert.is(ended.code, 130, ended.stderr)
      assertPlain(ended)
      assert.match(ended.stderr, /Interrupted; everything was stopped/)
      assert.equal(await place.processes(), [])
      assert.equal(await readdir(place.temporary), [])
    })
  }

  test('an interruption with --json is one JSON object, and exit code 130', async () => {
    await using place = await openPlace()
    const command = place.start(...SMALL, '--once', '--json')
    await until('a peer starts', async () => (await place.processes()).length >= 5)
    command.child.kill('SIGINT')
    const ended = await command.ended
    assert.is(ended.code, 130, ended.stdout)
    assert.is(ended.stderr, '')
    assert.equal(JSON.parse(ended.stdout).error.code, 'INTERRUPTED')
    assert.equal(await place.processes(), [])
  })

  test('when the launcher is killed, chain and peers end by themselves', async () => {
    await using place = await openPlace()
    const command = place.start(...SMALL)
    await command.untilPrinted('Ctrl-C stops everything')
    command.child.kill('SIGKILL')
    assert.is((await command.ended).signal, 'SIGKILL')
    await untilAllGone(place)
  })

  test('when the launcher is killed while peers start, they end by themselves', async () => {
    await using place = await openPlace()
    const command = place.start(...SMALL)
    await until('a peer starts', async () => (await place.processes()).length >= 5)
    command.child.kill('SIGKILL')
    await command.ended
    await untilAllGone(place)
  })
}

test.run()
