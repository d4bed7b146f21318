import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Rpc } from '@halo/chain'

/** Something to search, with the name it is reported under. */
export interface Haystack {
  readonly name: string
  readonly bytes: Buffer
}

/** Every file below a directory, whatever it is. */
export async function filesBelow(dir: string): Promise<readonly Haystack[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(paths.map(async (path) => ({ name: relative(dir, path), bytes: await readFile(path) })))
}

/** Every block of a chain with its transactions, their receipts and logs, as the node tells them. */
export async function chainTranscript(rpc: Rpc): Promise<readonly Haystack[]> {
  const head = Number(await rpc.send('eth_blockNumber', []))
  const found: Haystack[] = []
  for (let block = 0; block <= head; block++) {
    const tag = `0x${block.toString(16)}`
    const answers = [
      await rpc.send('eth_getBlockByNumber', [tag, true]),
      await rpc.send('eth_getBlockReceipts', [tag]),
    ]
    // Data is hex there: what is searched is the bytes, and the text as it stands.
    const text = JSON.stringify(answers)
    const data = [...text.matchAll(/"0x((?:[0-9a-f]{2})+)"/g)].map(([, hex]) => Buffer.from(hex ?? '', 'hex'))
    found.push({ name: `block ${block}`, bytes: Buffer.concat([Buffer.from(text), ...data]) })
  }
  return found
}

/** A text as bytes, in every form in which it might be written down. */
export function formsOf(text: string): readonly Buffer[] {
  return [...new Set([text, text.toLowerCase(), text.toUpperCase()])].flatMap((spelling) => [
    Buffer.from(spelling, 'utf16le'),
    Buffer.from(spelling, 'utf16le').swap16(),
    ...formsOfBytes(Buffer.from(spelling, 'utf8')),
  ])
}

/** Bytes as they are, in hex and in base64 at each of the three offsets it may have in a longer text. */
export function formsOfBytes(bytes: Uint8Array): readonly Buffer[] {
  const raw = Buffer.from(bytes)
  const inBase64 = [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), raw])
    const [from, to] = [Math.ceil((offset * 8) / 6), Math.floor((padded.length * 8) / 6)]
    return (['base64', 'base64url'] as const).map((form) => padded.toString(form).slice(from, to))
  })
  const texts = [raw.toString('hex'), raw.toString('hex').toUpperCase(), ...inBase64]
  return [raw, ...texts.map((text) => Buffer.from(text, 'latin1'))]
}

/** `name: where` for each needle that occurs in any of its forms; empty when none does. */
export function findAny(
  haystacks: readonly Haystack[],
  needles: Readonly<Record<string, readonly Buffer[]>>,
): readonly string[] {
  const found = Object.entries(needles).flatMap(([name, forms]) =>
    haystacks
      .filter(({ bytes }) => forms.some((form) => bytes.includes(form)))
      .map((hay) => `${name}: ${hay.name}`),
  )
  return [...new Set(found)].sort()
}

/** SHA-256 digest, 32 bytes, that a CIDv1 in base32 names. */
export function digestOfCid(cid: string): Buffer {
  const bits = Array.from(cid.slice(1), (letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join(
    '',
  )
  const bytes = Array.from({ length: bits.length >> 3 }, (_, at) =>
    Number.parseInt(bits.slice(at * 8, at * 8 + 8), 2),
  )
  return Buffer.from(bytes.slice(4))
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** Whether any run of `length` bytes of one occurs in the other, and where in the haystack. */
export function findRun(haystack: Uint8Array, needle: Uint8Array, length: number): number {
  const runs = new Set<string>()
  const [hay, text] = [Buffer.from(haystack).toString('latin1'), Buffer.from(needle).toString('latin1')]
  for (let at = 0; at + length <= text.length; at++) runs.add(text.slice(at, at + length))
  for (let at = 0; at + length <= hay.length; at++) if (runs.has(hay.slice(at, at + length))) return at
  return -1
}
