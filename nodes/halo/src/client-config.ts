import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Deployment } from '@halo/consent'
import { z } from 'zod'
import { parseDeployment, plainDeployment } from './config.ts'
import { isCode, writePrivateFile } from './data-dir.ts'
import { NodeError } from './errors.ts'

/** How a wallet or a researcher's client reaches the chain. */
export interface ClientConfig {
  readonly chainUrl: string
  readonly deployment: Deployment
}

const FILE = 'client.json'

const clientSchema = z.strictObject({ chainUrl: z.url({ protocol: /^https?$/ }), network: z.unknown() })

/** Writes a client's configuration into its data directory. */
export async function saveClientConfig(dataDir: string, config: ClientConfig): Promise<void> {
  const content = { chainUrl: config.chainUrl, network: plainDeployment(config.deployment) }
  await writePrivateFile(join(dataDir, FILE), `${JSON.stringify(content, null, 2)}\n`)
}

/** @throws NodeError `DATA_DIR_MISSING`, `CONFIG_INVALID` */
export async function loadClientConfig(dataDir: string): Promise<ClientConfig> {
  try {
    const { chainUrl, network } = clientSchema.parse(JSON.parse(await readFile(join(dataDir, FILE), 'utf8')))
    return { chainUrl, deployment: parseDeployment(network) }
  } catch (cause) {
    if (isCode(cause, 'ENOENT'))
      throw new NodeError('DATA_DIR_MISSING', `There is nothing in ${dataDir} yet. Run init first.`)
    throw new NodeError(
      'CONFIG_INVALID',
      `${join(dataDir, FILE)} is not valid. Correct it or run init again.`,
      { cause },
    )
  }
}
