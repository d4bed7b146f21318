import { fileURLToPath } from 'node:url'
import hardhatEthers from '@nomicfoundation/hardhat-ethers'
import hardhatIgnition from '@nomicfoundation/hardhat-ignition'
import hardhatIgnitionEthers from '@nomicfoundation/hardhat-ignition-ethers'
import { defineConfig } from 'hardhat/config'

// Cancun is the oldest EVM with transient storage; most chains have it. Without the hash of comments and
// file names, the same code gives the same bytes.
const compiler = {
  version: '0.8.37',
  path: fileURLToPath(import.meta.resolve('solc/soljson.js')),
  settings: {
    evmVersion: 'cancun',
    optimizer: { enabled: true, runs: 800 },
    metadata: { bytecodeHash: 'none' },
  },
}

// biome-ignore lint/style/noDefaultExport: Hardhat reads its configuration from the default export.
export default defineConfig({
  plugins: [hardhatEthers, hardhatIgnition, hardhatIgnitionEthers],
  paths: { sources: 'src', tests: { solidity: 'test' } },
  solidity: {
    profiles: { default: compiler, production: compiler },
    npmFilesToBuild: ['@openzeppelin/contracts/access/manager/AccessManager.sol'],
  },
  test: {
    solidity: {
      fuzz: { runs: 256, seed: '0x48616c6f' },
      invariant: { runs: 32, depth: 64, failOnRevert: true },
    },
  },
  networks: {
    local: { type: 'edr-simulated', chainType: 'l1', chainId: 31337 },
  },
})
