import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Address, Deployment } from '@halo/consent'
import { parseAddress } from '@halo/consent'
import { z } from 'zod'
import { isCode, writePrivateFile } from './data-dir.ts'
import { NodeError } from './errors.ts'

const address = z.string().transform((text, context): Address => {
  try {
    return parseAddress(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'not an EVM address with a right checksum' })
    return z.NEVER
  }
})

/** Where the contracts of a network are: the content of a file in `deploy/networks`. */
const networkSchema = z.strictObject({
  chainId: z
    .union([z.int().positive(), z.bigint().positive(), z.string().regex(/^[1-9][0-9]*$/)])
    .transform(BigInt),
  registry: address,
  token: address,
  consent: address,
  escrow: address,
  anchor: address,
})

const port = z.coerce.number().int().min(0).max(65_535)

const nodeSchema = z.strictObject({
  chainUrl: z.url({ protocol: /^https?$/ }),
  network: networkSchema,
  listen: z.array(z.string().startsWith('/')).min(1).max(16),
  announce: z.array(z.string().startsWith('/')).max(16).default([]),
  statusPort: port.default(0),
  logLevel: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  confirmations: z.coerce.number().int().min(1).max(1000).default(1),
  relayStaggerMs: z.coerce.number().int().min(0).max(600_000).default(3000),
  // Wallets wait a minute for a receipt, the transaction included.
  anchorEverySec: z.coerce.number().int().min(0).max(30).default(0),
  capacityGiB: z.coerce.number().positive().max(1_000_000).default(100),
  pollMs: z.coerce.number().int().min(50).max(600_000).default(1000),
})

/** A node's settings, checked and frozen. Secrets are not among them. */
export interface NodeConfig {
  readonly dataDir: string
  readonly chainUrl: string
  readonly deployment: Deployment
  /** Multiaddrs to listen on. */
  readonly listen: readonly string[]
  /** Multiaddrs that others should dial, where they differ. */
  readonly announce: readonly string[]
  /** Loopback port of `/healthz` and `/metrics`; 0 picks one. */
  readonly statusPort: number
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug'
  readonly confirmations: number
  readonly relayStaggerMs: number
  /** Least time from one anchoring of this peer's log to the next; 0 for as soon as the last one is through. */
  readonly anchorEverySec: number
  /** Room for shards and shares; beyond it deposits are refused. */
  readonly capacityGiB: number
  /** How often the chain is read for events. */
  readonly pollMs: number
}

/** Settings as text or parsed JSON, by name; not yet checked. */
export type Settings = Readonly<Record<string, unknown>>

const FILE = 'halo.json'

/** Environment variables that set a setting of the same meaning. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  HALO_CHAIN_URL: 'chainUrl',
  HALO_LISTEN: 'listen',
  HALO_ANNOUNCE: 'announce',
  HALO_STATUS_PORT: 'statusPort',
  HALO_LOG_LEVEL: 'logLevel',
  HALO_CONFIRMATIONS: 'confirmations',
  HALO_CAPACITY_GIB: 'capacityGiB',
}

/** Variables of the same family that set nothing of a node's configuration. */
const OTHER_VARIABLES: readonly string[] = ['HALO_HOME', 'HALO_PASSPHRASE_FILE', 'HALO_DEBUG']

/**
 * Settings found in the environment; lists are comma-separated.
 * @throws NodeError `CONFIG_INVALID` for an unknown HALO_ name: a misspelt setting must not go unnoticed
 */
export function settingsFromEnvironment(env: Readonly<Record<string, string | undefined>>): Settings {
  const known = [...Object.keys(ENVIRONMENT), ...OTHER_VARIABLES]
  const unknown = Object.keys(env).find((name) => name.startsWith('HALO_') && !known.includes(name))
  if (unknown !== undefined)
    throw new NodeError(
      'CONFIG_INVALID',
      `The environment variable ${unknown} is not known. Known are ${known.join(', ')}.`,
    )
  const found: Record<string, unknown> = {}
  for (const [variable, name] of Object.entries(ENVIRONMENT)) {
    const value = env[variable]
    if (value !== undefined && value !== '')
      found[name] = name === 'listen' || name === 'announce' ? value.split(',') : value
  }
  return found
}

/**
 * A node's configuration: its file, overridden by the environment, overridden by flags.
 * @throws NodeError `CONFIG_INVALID` naming the setting, `DATA_DIR_MISSING`
 */
export async function loadConfig(dataDir: string, flags: Settings, env: Settings): Promise<NodeConfig> {
  const file = await readSettings(dataDir)
  return parseConfig(dataDir, { ...file, ...env, ...flags })
}

/**
 * Checks settings without writing anything.
 * @throws NodeError `CONFIG_INVALID` naming the setting
 */
export function checkConfig(dataDir: string, settings: Settings): NodeConfig {
  return parseConfig(dataDir, settings)
}

/** Checks settings and writes them to the data directory's `halo.json`. */
export async function saveConfig(dataDir: string, settings: Settings): Promise<NodeConfig> {
  const config = parseConfig(dataDir, settings)
  await writePrivateFile(
    join(dataDir, FILE),
    `${JSON.stringify({ ...settings, network: plainDeployment(config.deployment) }, null, 2)}\n`,
  )
  return config
}

async function readSettings(dataDir: string): Promise<Settings> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(join(dataDir, FILE), 'utf8')))
  } catch (cause) {
    if (isCode(cause, 'ENOENT'))
      throw new NodeError('DATA_DIR_MISSING', `There is no node in ${dataDir}. Run: halo node init`)
    throw new NodeError(
      'CONFIG_INVALID',
      `${join(dataDir, FILE)} is not valid JSON. Correct it or run init again.`,
      { cause },
    )
  }
}

function parseConfig(dataDir: string, settings: Settings): NodeConfig {
  const parsed = nodeSchema.safeParse(settings)
  if (!parsed.success) throw invalid(parsed.error)
  const { network, ...rest } = parsed.data
  return Object.freeze({ ...rest, dataDir: resolve(dataDir), deployment: network })
}

/**
 * The contracts of a network, from a JSON file such as those in `deploy/networks`.
 * @throws NodeError `CONFIG_INVALID`
 */
export async function readNetworkFile(path: string): Promise<Deployment> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new NodeError('CONFIG_INVALID', `The network file ${path} cannot be read. Check --network.`, {
      cause,
    })
  })
  return parseNetwork(text, path)
}

function parseNetwork(text: string, path: string): Deployment {
  try {
    // Some editors begin a text with a byte order mark.
    return networkSchema.parse(JSON.parse(text.replace(/^\ufeff/, '')))
  } catch (cause) {
    const what = cause instanceof z.ZodError ? describe(cause) : 'it is not JSON'
    throw new NodeError(
      'CONFIG_INVALID',
      `The network file ${path} is not valid: ${what}. Check --network.`,
      { cause },
    )
  }
}

/** Contract addresses as JSON carries them, as in a network file. */
export type PlainDeployment = Omit<Deployment, 'chainId'> & { readonly chainId: string }

/** The inverse of `parseDeployment`: chain ids may exceed 2^53, so the id is decimal text. */
export function plainDeployment({ chainId, ...contracts }: Deployment): PlainDeployment {
  return { chainId: chainId.toString(), ...contracts }
}

/** Contract addresses from parsed JSON. @throws ZodError naming the field */
export function parseDeployment(value: unknown): Deployment {
  return networkSchema.parse(value)
}

function invalid(error: z.ZodError): NodeError {
  return new NodeError(
    'CONFIG_INVALID',
    `The configuration cannot be used: ${describe(error)}. Correct halo.json, the HALO_ variable or the option.`,
  )
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => [issue.path.join('.'), explain(issue)].join(' ').trim()).join('; ')
}

/** The library's own words, except where they speak of its insides. */
function explain(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `has unknown settings: ${issue.keys.join(', ')}`
  if (issue.message.endsWith('received undefined')) return 'is missing'
  if (issue.code === 'invalid_union') return 'must be a whole number above 0'
  return `is not valid (${issue.message})`
}
