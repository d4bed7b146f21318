import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** Where the compiler puts a variable. */
export interface StorageVariable {
  readonly label: string
  readonly slot: string
  readonly offset: number
  readonly type: string
}

/** The contract that holds roots, compiled from its source. */
export interface CompiledLogAnchor {
  readonly bytecode: string
  readonly variables: readonly StorageVariable[]
  /** Members of the struct `Anchor`. */
  readonly anchorMembers: readonly StorageVariable[]
}

/** The part of the compiler's output that is asked for. */
interface SolcContract {
  readonly evm: { readonly bytecode: { readonly object: string } }
  readonly storageLayout: {
    readonly storage: readonly StorageVariable[]
    readonly types: Readonly<
      Record<string, { readonly value?: string; readonly members?: readonly StorageVariable[] }>
    >
  }
}

const SOURCES = new URL('../../../contracts/src/', import.meta.url)

/** Compiles contracts/src/LogAnchor.sol with the compiler that contracts/ uses; some seconds. */
export function compileLogAnchor(): CompiledLogAnchor {
  const solc = createRequire(import.meta.url)('solc') as {
    compile(input: string, callbacks: { import(path: string): { contents: string } }): string
  }
  const read = (path: string): { content: string } => ({
    content: readFileSync(new URL(path, SOURCES), 'utf8'),
  })
  const input = {
    language: 'Solidity',
    sources: { 'LogAnchor.sol': read('LogAnchor.sol') },
    settings: {
      outputSelection: { 'LogAnchor.sol': { LogAnchor: ['evm.bytecode.object', 'storageLayout'] } },
    },
  }
  const output = JSON.parse(
    solc.compile(JSON.stringify(input), { import: (path) => ({ contents: read(path).content }) }),
  ) as { readonly contracts: { readonly 'LogAnchor.sol': { readonly LogAnchor: SolcContract } } }
  const { evm, storageLayout } = output.contracts['LogAnchor.sol'].LogAnchor
  const mapping = storageLayout.storage.find(({ label }) => label === '_anchors')
  const struct = storageLayout.types[mapping?.type ?? '']?.value ?? ''
  return {
    bytecode: `0x${evm.bytecode.object}`,
    variables: storageLayout.storage,
    anchorMembers: storageLayout.types[struct]?.members ?? [],
  }
}
