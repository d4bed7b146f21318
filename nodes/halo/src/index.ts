/**
 * The operator's daemon: configuration from file, environment and flags; keystore and state in a
 * private data directory; libp2p node, blocks, chain watcher and status server, started together and
 * stopped in reverse. Wallets and researchers' clients on the same machine use its keystore and store.
 *
 * @example
 * ```ts
 * import { deriveNodeKeys, loadConfig, readKeystore, readPassphrase, runNode, silentLog } from '@halo/node'
 *
 * export async function serve(dataDir: string): Promise<void> {
 *   const config = await loadConfig(dataDir, {}, {})
 *   const secrets = await readKeystore(dataDir, await readPassphrase(dataDir, undefined))
 *   await using node = await runNode(config, await deriveNodeKeys(secrets), silentLog)
 *   await node.health()
 * }
 * ```
 * @packageDocumentation
 */
export type { ClientConfig } from './client-config.ts'
export { loadClientConfig, saveClientConfig } from './client-config.ts'
export type { NodeConfig, PlainDeployment, Settings } from './config.ts'
export {
  checkConfig,
  loadConfig,
  plainDeployment,
  readNetworkFile,
  saveConfig,
  settingsFromEnvironment,
} from './config.ts'
export type { RunningNode } from './daemon.ts'
export { runNode } from './daemon.ts'
export { assertPrivate, isCode, lockDataDir, openDataDir, writePrivateFile } from './data-dir.ts'
export type { NodeErrorCode } from './errors.ts'
export { NodeError } from './errors.ts'
export type { Secrets } from './keystore.ts'
export { assertUnused, createPassphrase, readKeystore, readPassphrase, writeKeystore } from './keystore.ts'
export { createLog, silentLog } from './log.ts'
export type { NodeKeys } from './node-keys.ts'
export { createNodeSecrets, deriveNodeKeys } from './node-keys.ts'
export { openSqliteStore } from './sqlite-store.ts'
export type { Health } from './status-server.ts'
export { openTileStore } from './tile-store.ts'
