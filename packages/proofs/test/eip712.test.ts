import { Signature, TypedDataEncoder, verifyTypedData, Wallet } from 'ethers'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import type { FieldType, FieldValue, Hex, MessageField } from '../src/eip712.ts'
import { digestMessage } from '../src/eip712.ts'
import { checksumAddress, recoverMessageSigner, signMessage } from '../src/eip712-signer.ts'
import { CONTRACT, DOMAIN } from './evidence-samples.ts'

const test = suite('proofs/eip712')
/** Order of secp256k1, SEC 2 §2.4.1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

const hexOf = (sizeBytes: number): fc.Arbitrary<Hex> =>
  fc
    .uint8Array({ minLength: sizeBytes, maxLength: sizeBytes })
    .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as const)
const VALUES: Readonly<Record<FieldType, fc.Arbitrary<FieldValue>>> = {
  bytes32: hexOf(32),
  address: hexOf(20).map(checksumAddress),
  uint32: fc.nat({ max: 0xffff_ffff }),
  uint64: fc.oneof(fc.nat({ max: Number.MAX_SAFE_INTEGER }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  uint256: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  bool: fc.boolean(),
  string: fc.string({ unit: 'binary', maxLength: 80 }),
}
const anyField = fc
  .constantFrom(...(Object.keys(VALUES) as FieldType[]))
  .chain((type) => VALUES[type].map((value) => ({ type, value })))
/** Some message with fields a0, a1, … and their values. */
const anyMessage = fc.array(anyField, { minLength: 1, maxLength: 8 }).map((list) => ({
  fields: list.map(({ type }, i): MessageField => ({ name: `a${i}`, type })),
  value: Object.fromEntries(list.map(({ value }, i) => [`a${i}`, value])),
}))
const anyDomain = fc
  .record({ chainId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), verifyingContract: hexOf(20) })
  .map(({ chainId, verifyingContract }) => ({
    chainId,
    verifyingContract: checksumAddress(verifyingContract),
  }))

const typesOf = (fields: readonly MessageField[]): Record<string, MessageField[]> => ({
  Message: [...fields],
})

test('hashes flat messages as ethers does', async () => {
  await holds(
    fc.property(anyMessage, anyDomain, ({ fields, value }, domain) => {
      const expected = TypedDataEncoder.hash(
        { name: 'Halo', version: '1', ...domain },
        typesOf(fields),
        value,
      )
      assert.is(`0x${Buffer.from(digestMessage('Message', fields, value, domain)).toString('hex')}`, expected)
    }),
    300,
  )
})

test('finds the signer that ethers finds, and no other', async () => {
  await holds(
    fc.asyncProperty(anyMessage, anyDomain, hexOf(32), async ({ fields, value }, domain, secret) => {
      const wallet = new Wallet(`0x01${secret.slice(4)}`)
      const signature = await signMessage(wallet, 'Message', fields, value, domain)
      const named = { name: 'Halo', version: '1', ...domain }
      assert.is(recoverMessageSigner('Message', fields, value, domain, signature), wallet.address)
      assert.is(verifyTypedData(named, typesOf(fields), value, signature), wallet.address)
      const other = { ...domain, chainId: domain.chainId === 1 ? 2 : 1 }
      assert.is.not(recoverMessageSigner('Message', fields, value, other, signature), wallet.address)
    }),
    40,
  )
})

test('writes addresses as ethers does', async () => {
  await holds(
    fc.property(hexOf(32), (secret) => {
      const { address } = new Wallet(`0x01${secret.slice(4)}`)
      assert.is(checksumAddress(address.toLowerCase()), address)
    }),
    30,
  )
})

test('takes one form of a signature only', async () => {
  const fields: readonly MessageField[] = [{ name: 'a', type: 'bool' }]
  const wallet = new Wallet(`0x${'11'.repeat(32)}`)
  const signature = await signMessage(wallet, 'Message', fields, { a: true }, DOMAIN)
  const { r, s, v } = Signature.from(signature)
  const recover = (form: string): string | null =>
    recoverMessageSigner('Message', fields, { a: true }, DOMAIN, form)
  assert.is(recover(signature), wallet.address)
  const highS = (ORDER - BigInt(s)).toString(16).padStart(64, '0')
  const forms = [
    `${r}${highS}${v === 27 ? '1c' : '1b'}`,
    `${r}${s.slice(2)}${v === 27 ? '00' : '01'}`,
    `${r}${s.slice(2)}1d`,
    `0x${'00'.repeat(64)}1b`,
    `0x${'ff'.repeat(64)}1b`,
    signature.toUpperCase().replace('0X', '0x'),
    signature.slice(0, -2),
    `${signature}00`,
    signature.slice(2),
    '0x',
    '',
  ]
  for (const form of forms) assert.is(recover(form), null, form)
  assert.is.not(DOMAIN.verifyingContract, CONTRACT.escrow)
})

test.run()
