import { AbiCoder, ContractFactory, Interface, JsonRpcProvider, toBeHex, type Wallet } from 'ethers'
import { startAnvil } from '../../../nodes/cli/src/anvil.ts'
import { encodeBlockHeader } from '../../chain/src/block-header.ts'
import type { Hex } from '../src/index.ts'
import { anchorSlot } from '../src/index.ts'
import type { CompiledLogAnchor } from './log-anchor.ts'

/** A root on a real chain, and what the chain gives to show it. */
export interface AnchorSample {
  readonly chainId: number
  readonly contract: Hex
  readonly operator: Hex
  readonly size: number
  readonly root: Hex
  readonly txHash: Hex
  readonly block: number
  readonly atSec: number
  readonly blockHash: Hex
  readonly blockHeader: Hex
  readonly accountProof: readonly Hex[]
  readonly storageProof: readonly Hex[]
}

/** Init code of a contract that answers every call with true, in place of the registry. */
const ALWAYS_TRUE = '0x600a600c600039600a6000f3600160005260206000f3'

/** Anchors roots on a fresh chain, the first one last to be proven, and asks for the proof of the first. */
export async function anchorOnChain(
  compiled: CompiledLogAnchor,
  operator: Wallet,
  roots: readonly (readonly [size: number, root: Hex])[],
): Promise<AnchorSample> {
  await using anvil = await startAnvil({ accounts: 1 })
  const provider = new JsonRpcProvider(anvil.rpcUrl, undefined, { cacheTimeout: -1, batchMaxCount: 1 })
  try {
    await provider.send('anvil_setBalance', [operator.address, toBeHex(10n ** 20n)])
    const signer = operator.connect(provider)
    const registry = await new ContractFactory([], ALWAYS_TRUE, signer).deploy()
    const registryArgument = AbiCoder.defaultAbiCoder().encode(['address'], [await registry.getAddress()])
    const deployed = await new ContractFactory(
      [],
      compiled.bytecode + registryArgument.slice(2),
      signer,
    ).deploy()
    const contract = (await deployed.getAddress()) as Hex
    const abi = new Interface(['function anchor(uint64 size, bytes32 root) returns (bool)'])
    const receipts = []
    for (const root of roots) {
      const sent = await signer.sendTransaction({
        to: contract,
        data: abi.encodeFunctionData('anchor', root),
      })
      receipts.push(await sent.wait())
    }
    const [size, root] = roots[0] as readonly [number, Hex]
    const receipt = receipts[0]
    if (receipt === null || receipt === undefined) throw new Error('The anchor was not mined.')
    const slot: Hex = `0x${Buffer.from(anchorSlot(operator.address, size, Buffer.from(root.slice(2), 'hex'))).toString('hex')}`
    const block = (await provider.send('eth_getBlockByNumber', ['latest', false])) as Readonly<
      Record<string, string>
    >
    const proof = (await provider.send('eth_getProof', [contract, [slot], block['number']])) as {
      readonly accountProof: readonly Hex[]
      readonly storageProof: readonly [{ readonly proof: readonly Hex[] }]
    }
    const blockHeader = encodeBlockHeader(block)
    if (blockHeader === null) throw new Error('The header has items that are not known here.')
    const atBlock = await provider.getBlock(receipt.blockNumber)
    return {
      chainId: 31_337,
      contract,
      operator: operator.address as Hex,
      size,
      root,
      txHash: receipt.hash as Hex,
      block: receipt.blockNumber,
      atSec: atBlock?.timestamp ?? 0,
      blockHash: block['hash'] as Hex,
      blockHeader,
      accountProof: proof.accountProof,
      storageProof: proof.storageProof[0].proof,
    }
  } finally {
    provider.destroy()
  }
}
