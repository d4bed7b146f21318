import * as assert from 'uvu/assert'
import { assertPlain, type Place } from '../../../test/story/halo-command.ts'
import type { TestChain } from '../../../test/story/test-chain.ts'

/** Runs a command for a person, which has to fail with this code and words. */
export async function assertFails(
  place: Place,
  wanted: { readonly exit: number; readonly code: string; readonly says: RegExp },
  ...args: readonly string[]
): Promise<void> {
  const ended = await place.halo(...args)
  const about = `${args.slice(0, 3).join(' ')}: ${ended.stderr}`
  assert.is(ended.code, wanted.exit, about)
  assert.is(ended.stdout, '', about)
  assert.match(ended.stderr, wanted.says, about)
  assert.match(ended.stderr, `(${wanted.code})\n`, about)
  assertPlain(ended)
}

/** Makes a wallet; the option that names it. */
export async function initWallet(place: Place, chain: TestChain): Promise<readonly string[]> {
  const data = ['--data', place.path('wallet')]
  const { code } = await place.json(
    'wallet',
    'init',
    ...data,
    ...chain.options,
    '--words-out',
    place.path('words'),
  )
  assert.is(code, 0)
  return data
}
