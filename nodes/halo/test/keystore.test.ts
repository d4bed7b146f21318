import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createPassphrase, NodeError, readKeystore, readPassphrase, writeKeystore } from '@halo/node'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, messageOf, openScratchDir } from './scratch-dir.ts'

const test = suite('node/keystore')

const SECRETS = { mnemonic: 'canary words', storeKey: '0xcafe' }

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777
}

test('gives back what was sealed, to the same passphrase in another Unicode form too', async () => {
  await using dir = await openScratchDir()
  await writeKeystore(dir.path, 'caf\u00e9 au lait', SECRETS)
  assert.equal(await readKeystore(dir.path, 'cafe\u0301 au lait'), SECRETS)
})

test('keeps secrets and passphrase in files that only their owner can read', async () => {
  await using dir = await openScratchDir()
  await writeKeystore(dir.path, await createPassphrase(dir.path), SECRETS)
  assert.is(await modeOf(join(dir.path, 'keystore.json')), 0o600)
  assert.is(await modeOf(join(dir.path, 'passphrase')), 0o600)
  assert.equal((await readdir(dir.path)).sort(), ['keystore.json', 'passphrase'])
  const text = await readFile(join(dir.path, 'keystore.json'), 'utf8')
  assert.not.match(text, /canary|cafe/)
  assert.equal(await readKeystore(dir.path, await readPassphrase(dir.path, undefined)), SECRETS)
})

test('refuses a wrong passphrase without a cause that could tell more', async () => {
  await using dir = await openScratchDir()
  await writeKeystore(dir.path, 'right', SECRETS)
  try {
    await readKeystore(dir.path, 'wrong')
    assert.unreachable()
  } catch (error) {
    assert.instance(error, NodeError)
    assert.is((error as NodeError).code, 'PASSPHRASE_WRONG')
    assert.is((error as NodeError).cause, undefined)
  }
})

test('refuses a keystore in which one bit of content, nonce or salt was changed', async () => {
  await using dir = await openScratchDir()
  const file = join(dir.path, 'keystore.json')
  await writeKeystore(dir.path, 'right', SECRETS)
  const good = await readFile(file, 'utf8')
  const flip = (hex: string): string => (Number.parseInt(hex, 16) ^ 1).toString(16)
  for (const field of ['sealed', 'nonce', 'salt']) {
    const changed = good.replace(
      new RegExp(`("${field}": ")([0-9a-f])`),
      (_all, start: string, digit: string) => `${start}${flip(digit)}`,
    )
    assert.is.not(changed, good)
    await writeFile(file, changed)
    assert.is(await codeOf(() => readKeystore(dir.path, 'right')), 'PASSPHRASE_WRONG', field)
  }
})

test('refuses a keystore that is cut short, foreign or weaker than this node writes', async () => {
  await using dir = await openScratchDir()
  const file = join(dir.path, 'keystore.json')
  await writeKeystore(dir.path, 'right', SECRETS)
  const good = await readFile(file, 'utf8')
  for (const bad of [
    '',
    '{}',
    good.slice(0, -20),
    good.replace('131072', '2'),
    good.replace('{', '{"extra":1,'),
  ]) {
    await writeFile(file, bad)
    assert.is(await codeOf(() => readKeystore(dir.path, 'right')), 'KEYSTORE_DAMAGED')
  }
})

test('never writes over keys', async () => {
  await using dir = await openScratchDir()
  await writeKeystore(dir.path, 'right', SECRETS)
  assert.is(await codeOf(() => writeKeystore(dir.path, 'other', { mnemonic: 'new' })), 'DATA_DIR_USED')
  assert.equal(await readKeystore(dir.path, 'right'), SECRETS)
})

test('refuses keys or a passphrase that others may read, and says how to close the file', async () => {
  await using dir = await openScratchDir()
  await writeKeystore(dir.path, await createPassphrase(dir.path), SECRETS)
  const passphrase = await readPassphrase(dir.path, undefined)
  for (const mode of [0o640, 0o604, 0o620]) {
    await chmod(join(dir.path, 'keystore.json'), mode)
    await chmod(join(dir.path, 'passphrase'), mode)
    assert.is(await codeOf(() => readKeystore(dir.path, passphrase)), 'DATA_DIR_OPEN')
    assert.match(await messageOf(() => readPassphrase(dir.path, undefined)), /chmod go= .*passphrase/)
  }
})

test('takes a passphrase that systemd hands over readable by group, and from nowhere else', async () => {
  await using dir = await openScratchDir()
  const given = join(dir.path, 'credentials')
  await mkdir(given)
  const before = process.env['CREDENTIALS_DIRECTORY']
  process.env['CREDENTIALS_DIRECTORY'] = given
  try {
    const file = join(given, 'passphrase')
    await writeFile(file, 'word\n')
    await chmod(file, 0o440)
    assert.is(await readPassphrase(dir.path, file), 'word')
    for (const mode of [0o460, 0o444, 0o450]) {
      await chmod(file, mode)
      assert.is(await codeOf(() => readPassphrase(dir.path, file)), 'DATA_DIR_OPEN', mode.toString(8))
    }
    for (const elsewhere of [join(dir.path, 'passphrase'), `${given}-too`, join(given, '..', 'up')]) {
      await writeFile(elsewhere, 'word\n')
      await chmod(elsewhere, 0o440)
      assert.is(await codeOf(() => readPassphrase(dir.path, elsewhere)), 'DATA_DIR_OPEN', elsewhere)
    }
  } finally {
    if (before === undefined) delete process.env['CREDENTIALS_DIRECTORY']
    else process.env['CREDENTIALS_DIRECTORY'] = before
  }
})

test('tells a directory that was never set up from a missing passphrase', async () => {
  await using dir = await openScratchDir()
  const never = join(dir.path, 'never')
  assert.is(await codeOf(() => readPassphrase(never, undefined)), 'DATA_DIR_MISSING')
  assert.is(await codeOf(() => readKeystore(dir.path, 'any')), 'DATA_DIR_MISSING')
  assert.is(await codeOf(() => readPassphrase(dir.path, undefined)), 'PASSPHRASE_MISSING')
  assert.is(await codeOf(() => readPassphrase(dir.path, join(dir.path, 'none'))), 'PASSPHRASE_MISSING')
  assert.is(await codeOf(() => readPassphrase(dir.path, dir.path)), 'PASSPHRASE_MISSING')
})

test('takes a passphrase without its line end, and an empty one for none', async () => {
  await using dir = await openScratchDir()
  const file = join(dir.path, 'file')
  for (const [text, wanted] of [
    ['word\n', 'word'],
    ['word\r\n', 'word'],
    [' two words ', ' two words '],
  ] as const) {
    await writeFile(file, text, { mode: 0o600 })
    assert.is(await readPassphrase(dir.path, file), wanted)
  }
  await writeFile(file, '\n')
  assert.is(await codeOf(() => readPassphrase(dir.path, file)), 'PASSPHRASE_MISSING')
})

test.run()
