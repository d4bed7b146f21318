import { encodeRlp, keccak256 } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readTrieValue } from '../src/evidence-trie.ts'
import type { Hex } from '../src/index.ts'
import { forgeLeaf } from './forged-state.ts'
import { bytes32Of } from './receipt-samples.ts'

const test = suite('proofs/evidence-trie')

const KEY = bytes32Of('key')
const PATH = keccak256(KEY).slice(2)
const VALUE = Uint8Array.of(1, 2, 3)
/** A node whose hash nothing else has. */
const ELSEWHERE = keccak256('0x')

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.slice(2), 'hex'))
}

/** What a tree shows whose root is the first of these nodes. */
function readNodes(...nodes: readonly string[]): Uint8Array | null {
  return readTrieValue(bytesOf(keccak256(nodes[0] as string)), KEY, nodes.map(bytesOf))
}

/** A leaf or an extension whose coded path is this. */
function nodeOf(coded: string, target: Uint8Array | string): Hex {
  return encodeRlp([`0x${coded}`, target]) as Hex
}

/** A branch with one child, where the path goes on after so many nibbles. */
function branchAt(nibbles: number, child: string): Hex {
  const children = Array.from({ length: 17 }, () => '0x')
  children[Number.parseInt(PATH.charAt(nibbles), 16)] = child
  return encodeRlp(children) as Hex
}

test('reads a leaf, below a branch, and below a shared way and a branch', () => {
  assert.equal(readNodes(forgeLeaf(KEY, VALUE)), VALUE)
  const short = nodeOf(`3${PATH.slice(1)}`, VALUE)
  assert.equal(readNodes(branchAt(0, keccak256(short)), short), VALUE)
  for (const [shared, prefix, rest] of [
    [1, '1', `20${PATH.slice(2)}`],
    [2, '00', `3${PATH.slice(3)}`],
  ] as const) {
    const leaf = nodeOf(rest, VALUE)
    const branch = branchAt(shared, keccak256(leaf))
    const extension = nodeOf(`${prefix}${PATH.slice(0, shared)}`, keccak256(branch))
    assert.equal(readNodes(extension, branch, leaf), VALUE, `${shared} shared`)
  }
})

test('takes no flags for a leaf but 2 and 3, nor padding that is not zero', () => {
  assert.is(readNodes(nodeOf(`21${PATH}`, VALUE)), null, 'padding of a leaf')
  for (let flags = 4; flags < 16; flags++) {
    const digit = flags.toString(16)
    const coded = flags % 2 === 0 ? `${digit}0${PATH}` : `${digit}${PATH}`
    const whole = coded.length % 2 === 0 ? coded : `${digit}${PATH.slice(1)}`
    assert.is(readNodes(nodeOf(whole, VALUE)), null, `flags ${flags}`)
  }
  const short = (prefix: string): string => nodeOf(`${prefix}${PATH.slice(1)}`, VALUE)
  for (const prefix of ['5', '7', 'f'])
    assert.is(readNodes(branchAt(0, keccak256(short(prefix))), short(prefix)), null, `flags ${prefix}`)
  const leaf = nodeOf(`3${PATH.slice(3)}`, VALUE)
  const branch = branchAt(2, keccak256(leaf))
  const padded = nodeOf(`01${PATH.slice(0, 2)}`, keccak256(branch))
  assert.is(readNodes(padded, branch, leaf), null, 'padding of a shared way')
})

test('shows nothing by a leaf of a longer, shorter or other way, nor by a shared way alone', () => {
  for (const coded of [
    `20${PATH.slice(2)}`,
    `20${PATH}00`,
    `20${PATH.slice(0, -2)}`,
    `20${'00'.repeat(32)}`,
    `00${PATH}`,
    '20',
    '',
  ])
    assert.is(readNodes(nodeOf(coded, VALUE)), null, coded)
})

test('shows nothing by what is no node, or a node that is not the one named', () => {
  assert.is(readNodes('0x80'), null)
  assert.is(readNodes('0xc0'), null)
  assert.is(readNodes(encodeRlp(['0x', '0x', '0x'])), null)
  assert.is(readNodes(encodeRlp([['0x20'], VALUE])), null)
  const leaf = nodeOf(`3${PATH.slice(1)}`, VALUE)
  assert.is(readNodes(branchAt(0, ELSEWHERE), leaf), null)
  assert.is(readNodes(branchAt(0, '0x'), leaf), null)
  assert.is(readNodes(branchAt(0, keccak256(leaf))), null)
  assert.is(readTrieValue(bytesOf(ELSEWHERE), KEY, [bytesOf(forgeLeaf(KEY, VALUE))]), null)
})

test.run()
