import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, constants, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Address } from '@halo/consent'
import { parseAddress } from '@halo/consent'
import type { CallOptions } from '@halo/ports'
import { HaloError } from '@halo/ports'
import { HDNodeWallet, Mnemonic, parseEther, randomBytes, toQuantity } from 'ethers'

/**
 * - `ANVIL_MISSING`: there is no Anvil binary for this machine; give the URL of another chain node.
 * - `ANVIL_FAILED`: Anvil ended or did not answer in time; its last words are the cause.
 */
export type AnvilErrorCode = 'ANVIL_MISSING' | 'ANVIL_FAILED'

/** Why the local chain did not start; test `code`. */
export class AnvilError extends HaloError<AnvilErrorCode> {
  override readonly name = 'AnvilError'
}

/** How to run a local chain. */
export interface AnvilOptions {
  /** Keeps the chain and its mnemonic (mode 0600); without it, both end with the process. */
  readonly dataDir?: string
  /**
   * TCP port on 127.0.0.1; 0 picks a free one.
   * @defaultValue 0
   */
  readonly port?: number
  /** BIP-39 phrase of the funded accounts; by default the one in `dataDir`, or a new one. */
  readonly mnemonic?: string
  /**
   * How many accounts are funded.
   * @defaultValue 10
   */
  readonly accounts?: number
  /** @defaultValue 31337 */
  readonly chainId?: number
  /** Path of the binary; by default the one of the package for this machine. */
  readonly binary?: string
  /** Ends the chain. */
  readonly signal?: AbortSignal | undefined
}

/** One funded account of the local chain. */
export interface AnvilAccount {
  readonly address: Address
  readonly privateKey: string
}

/** A running local chain; disposing it stops it and waits until it is gone. */
export interface Anvil extends AsyncDisposable {
  readonly rpcUrl: string
  readonly port: number
  readonly chainId: bigint
  /** In BIP-44 order, m/44'/60'/0'/0/i. */
  readonly accounts: readonly AnvilAccount[]
  /** Process id of the watchdog that ends Anvil when this process goes away. */
  readonly pid: number
}

const START_TIMEOUT_MS = 15_000
/** Each account gets at least this much, so that a demonstration never runs dry. */
const BALANCE = parseEther('10000')

/**
 * `sh` starts Anvil and waits on a pipe that this process holds. When the pipe closes, because we
 * asked for it or because we are gone (SIGKILL included), Anvil is told to save and end, and is killed
 * if it does not within five seconds. In the end the whole group goes, so that no `sleep` stays behind.
 */
const WATCHDOG = `
exec 3<&0
"$@" </dev/null 3<&- &
anvil=$!
( cat <&3 >/dev/null; kill -TERM $anvil 2>/dev/null; sleep 5; kill -KILL $anvil 2>/dev/null ) >/dev/null 2>&1 &
wait $anvil
code=$?
trap '' TERM
kill -TERM 0
exit $code
`

/**
 * Starts a local EVM chain on 127.0.0.1 and returns once it answers. Its keys are derived and funded
 * from here and never handed to the binary, so no caller can have it sign for them. A chain for
 * development: whoever reaches the port may also call Anvil's own methods.
 * @throws AnvilError `ANVIL_MISSING` or `ANVIL_FAILED`
 */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  options.signal?.throwIfAborted()
  const binary = await findBinary(options.binary)
  if (options.dataDir !== undefined) await mkdir(options.dataDir, { recursive: true, mode: 0o700 })
  const mnemonic = options.mnemonic ?? (await readMnemonic(options.dataDir))
  const child = spawn('sh', ['-c', WATCHDOG, 'sh', binary, ...argumentsOf(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Its own process group: Ctrl-C reaches us alone, and we end things in order.
    detached: true,
  })
  const stop = createStop(child)
  const onAbort = (): void => void stop()
  options.signal?.addEventListener('abort', onAbort, { once: true })
  try {
    const port = await readPort(child)
    const rpcUrl = `http://127.0.0.1:${port}`
    const accounts = deriveAccounts(mnemonic, options.accounts ?? 10)
    for (const { address } of accounts) await fund(rpcUrl, address, options)
    const chainId = BigInt(options.chainId ?? 31_337)
    options.signal?.throwIfAborted()
    return { rpcUrl, port, chainId, accounts, pid: child.pid ?? 0, [Symbol.asyncDispose]: stop }
  } catch (error) {
    options.signal?.removeEventListener('abort', onAbort)
    await stop()
    throw error
  }
}

function argumentsOf(options: AnvilOptions): readonly string[] {
  const fixed = ['--host', '127.0.0.1', '--port', `${options.port ?? 0}`, '--accounts', '0']
  const chain = ['--chain-id', `${options.chainId ?? 31_337}`]
  if (options.dataDir === undefined) return [...fixed, ...chain]
  const file = join(options.dataDir, 'chain.json')
  return [...fixed, ...chain, '--state', file, '--state-interval', '1', '--preserve-historical-states']
}

async function findBinary(given: string | undefined): Promise<string> {
  const name = `@foundry-rs/anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  try {
    const binary = given ?? createRequire(import.meta.url).resolve(`${name}/bin/anvil`)
    await access(binary, constants.X_OK)
    return binary
  } catch (cause) {
    const message =
      'There is no local chain for this machine: the package with the Anvil binary is not installed ' +
      '(only Linux on x64 has one). Use the RPC address of another chain node instead.'
    throw new AnvilError('ANVIL_MISSING', message, { details: { name }, cause })
  }
}

/** The phrase is kept next to the chain, since a kept chain without its keys is of no use. */
async function readMnemonic(dataDir: string | undefined): Promise<string> {
  const fresh = Mnemonic.fromEntropy(randomBytes(16)).phrase
  if (dataDir === undefined) return fresh
  const file = join(dataDir, 'mnemonic')
  try {
    await writeFile(file, `${fresh}\n`, { flag: 'wx', mode: 0o600 })
    return fresh
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error
    await chmod(file, 0o600)
    return (await readFile(file, 'utf8')).trim()
  }
}

function deriveAccounts(phrase: string, count: number): readonly AnvilAccount[] {
  const parent = HDNodeWallet.fromPhrase(phrase, '', "m/44'/60'/0'/0")
  return Array.from({ length: count }, (_, index) => {
    const { address, privateKey } = parent.deriveChild(index)
    return { address: parseAddress(address), privateKey }
  })
}

/** The port Anvil prints once it listens. Its output is drained for as long as it runs. */
async function readPort(child: ChildProcess): Promise<number> {
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw failed('it has no output')
  let lastWords = ''
  stderr.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString('utf8')).slice(-1_000)
  })
  const found = new Promise<number>((resolve, reject) => {
    createInterface({ input: stdout }).on('line', (line) => {
      const port = /^Listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
    child.once('error', (cause) => reject(failed('it could not be run', cause)))
    child.once('close', () => reject(failed(lastWords.trim() || 'it ended at once')))
  })
  const late = AbortSignal.timeout(START_TIMEOUT_MS)
  const timeout = once(late, 'abort').then(() => {
    throw failed('it did not listen in time')
  })
  return Promise.race([found, timeout])
}

function failed(lastWords: string, cause?: unknown): AnvilError {
  const message = `The local chain did not start: ${lastWords}`
  return new AnvilError('ANVIL_FAILED', message, { cause })
}

/** A kept chain may hold less after much use, so the balance is raised, never lowered. */
async function fund(rpcUrl: string, address: Address, { signal }: CallOptions): Promise<void> {
  const balance = BigInt(String(await send(rpcUrl, 'eth_getBalance', [address, 'latest'], signal)))
  if (balance < BALANCE / 2n) await send(rpcUrl, 'anvil_setBalance', [address, toQuantity(BALANCE)], signal)
}

async function send(
  rpcUrl: string,
  method: string,
  params: readonly unknown[],
  signal?: AbortSignal,
): Promise<unknown> {
  const timeout = AbortSignal.timeout(START_TIMEOUT_MS)
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  })
  const answer = (await response.json()) as { readonly result?: unknown; readonly error?: unknown }
  if (answer.error !== undefined) throw failed(`it refused ${method}`)
  return answer.result
}

/** Closes the watchdog's pipe and waits until it, and so Anvil, has ended. */
function createStop(child: ChildProcess): () => Promise<void> {
  let isEnded = false
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      isEnded = true
      resolve()
    }
    child.once('close', end)
    child.once('error', end)
  })
  child.stdin?.on('error', () => undefined)
  return async () => {
    if (isEnded) return
    child.stdin?.end()
    await ended
  }
}
