import { parseEther } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatCoins, parseCoins, parseDuration, parseWhole } from '../src/amount.ts'

const test = suite('cli/amount')

/** The message of a refusal, which has to be one of usage. */
function refusalOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    assert.is((error as { readonly code?: unknown }).code, 'USAGE')
    return (error as Error).message
  }
  throw new Error('It was taken.')
}

test('reads coins to the smallest unit', () => {
  assert.is(parseCoins('0', '--price'), 0n)
  assert.is(parseCoins('0.02', '--price'), 20_000_000_000_000_000n)
  assert.is(parseCoins('1.000000000000000001', '--price'), 1_000_000_000_000_000_001n)
})

test('refuses what is no amount, naming the option', () => {
  for (const text of ['', '-1', '0,02', '1e3', '0x10', 'free', '0.0000000000000000001'])
    assert.match(
      refusalOf(() => parseCoins(text, '--price')),
      /^--price takes .*0\.02/,
      text,
    )
})

test('shows coins to six places, and never more than there are', () => {
  assert.is(formatCoins(parseEther('0.02')), '0.02')
  assert.is(formatCoins(parseEther('10')), '10')
  assert.is(formatCoins(0n), '0')
  assert.is(formatCoins(parseEther('0.0199999999')), '0.019999')
})

test('reads durations in seconds, minutes, hours and days', () => {
  assert.equal(
    ['90s', '10m', '12h', '7d'].map((text) => parseDuration(text, '--for')),
    [90, 600, 43_200, 604_800],
  )
})

test('refuses what is no duration, naming the option', () => {
  for (const text of ['', '7', '0d', '-1d', '1.5h', '1w', 'd', '7 d', '1h30m'])
    assert.match(
      refusalOf(() => parseDuration(text, '--for')),
      /^--for takes .*12h/,
      text,
    )
})

test('takes whole numbers within bounds only', () => {
  assert.is(parseWhole('3', '--peers', 3, 30), 3)
  for (const text of ['2', '31', '5.5', '', ' 5', '0x5', '1e1', '-5'])
    assert.match(
      refusalOf(() => parseWhole(text, '--peers', 3, 30)),
      /^--peers takes .*3 to 30/,
      text,
    )
})

test.run()
