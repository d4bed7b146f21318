import { recoverSigner, signMessage } from '@halo/consent'
import { hashMessage, verifyMessage } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DEPLOYMENT } from '../../ports/test/memory-chain.ts'
import { createMnemonic, openKeyring, WalletError } from '../src/index.ts'

const test = suite('wallet/keyring')
/** The phrase of every development chain; its accounts are documented by Hardhat and Anvil alike. */
const WORDS = 'test test test test test test test test test test test junk'

test('derives the documented accounts of the standard test phrase', () => {
  const keyring = openKeyring(WORDS)
  assert.equal(
    [0, 1, 2].map((index) => keyring.datasetKey(index).address),
    [
      '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
      '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
      '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
    ],
  )
})

test('derives the account of a second published phrase', () => {
  // BIP-39's first English vector; the Ethereum account of that phrase is widely published.
  const words = `${'abandon '.repeat(11)}about`
  assert.is(openKeyring(words).datasetKey(0).address, '0x9858EfFD232B4033E47d90003D41EC34EcaEda94')
})

test('gives every data set an address of its own', () => {
  const keyring = openKeyring(createMnemonic())
  const addresses = Array.from({ length: 50 }, (_, index) => keyring.datasetKey(index).address)
  assert.is(new Set(addresses).size, 50)
})

test('makes twelve fresh words each time, which open', () => {
  const phrases = Array.from({ length: 5 }, createMnemonic)
  assert.is(new Set(phrases).size, 5)
  for (const phrase of phrases) {
    assert.is(phrase.split(' ').length, 12)
    openKeyring(phrase)
  }
})

test('reads words over several lines and with spaces around', () => {
  const sloppy = `\n  ${WORDS.replaceAll(' ', ' \n ')}\t`
  assert.is(openKeyring(sloppy).datasetKey(0).address, openKeyring(WORDS).datasetKey(0).address)
})

test('refuses wrong words and never repeats them, not even in the cause', () => {
  const wrong = [
    WORDS.replace('junk', 'test'),
    WORDS.replace('junk', 'secretword'),
    WORDS.slice(0, -5),
    '',
    'onlyword',
  ]
  for (const words of wrong) {
    try {
      openKeyring(words)
      assert.unreachable(words)
    } catch (error) {
      assert.instance(error, WalletError)
      const { code, message, cause, details, stack = '' } = error as WalletError
      assert.is(code, 'MNEMONIC_INVALID')
      assert.is(cause, undefined)
      assert.equal(details, {})
      for (const word of words.split(' ').filter((word) => word.length > 4))
        assert.not.ok(`${message}${stack.split('\n')[0]}`.includes(word), word)
    }
  }
})

test('signs typed data and digests as the address it names', async () => {
  const key = openKeyring(WORDS).datasetKey(3)
  const message = { requestId: `0x${'5'.repeat(64)}` as never }
  const signature = await signMessage(key, 'Delivery', message, DEPLOYMENT)
  assert.is(recoverSigner('Delivery', message, signature, DEPLOYMENT), key.address)
  const digest = Buffer.from(hashMessage('hello').slice(2), 'hex')
  const raw = key.signDigest(digest)
  assert.is(raw.length, 65)
  assert.is(verifyMessage('hello', `0x${Buffer.from(raw).toString('hex')}`), key.address)
})

test.run()
