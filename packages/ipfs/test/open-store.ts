import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HeliaBlocks, IsServing } from '@halo/ipfs'
import { openHeliaBlockStore } from '@halo/ipfs'
import type { Host, IsMember } from '@halo/peers'
import { createPeerKey, openHost } from '@halo/peers'
import type { Log } from '@halo/ports'

/** A directory that goes away with the test. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string
}

export async function openDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'halo-ipfs-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A store on its own node. */
export interface TestStore extends AsyncDisposable {
  readonly blocks: HeliaBlocks
  readonly host: Host
}

/** Opens a store in `dir` on a node of its own, on loopback. */
export async function openStore(
  dir: string,
  options: {
    readonly isMember?: IsMember
    readonly isServing?: IsServing
    readonly fetchTimeoutMs?: number
    readonly log?: Log
  } = {},
): Promise<TestStore> {
  const host = await openHost({
    privateKey: await createPeerKey(),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    isMember: options.isMember ?? (() => true),
  })
  const blocks = await openHeliaBlockStore({
    dir,
    libp2p: host.libp2p,
    log: options.log ?? (() => {}),
    fetchTimeoutMs: options.fetchTimeoutMs ?? 10_000,
    ...(options.isServing === undefined ? {} : { isServing: options.isServing }),
  })
  return {
    blocks,
    host,
    [Symbol.asyncDispose]: async () => {
      await blocks[Symbol.asyncDispose]()
      await host[Symbol.asyncDispose]()
    },
  }
}

/** Names of all files under a directory, sorted. */
export async function filesIn(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort()
}

/** Deterministic bytes that differ by seed. */
export function unitOf(seed: number, size = 1000): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let at = 0, state = seed + 1; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

/** Units as a stream. */
export async function* streamOf(units: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* units
}

/** The code of what a promise rejects with, or `none`. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
    return 'none'
  } catch (error) {
    const { code, name } = error as { readonly code?: unknown; readonly name?: unknown }
    return typeof code === 'string' ? code : name
  }
}
