import { Wallet } from 'ethers'
import type { Hex } from '../src/eip712.ts'

/** Contracts of the networks that tests have. */
export const CONTRACT = {
  consent: '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0',
  escrow: '0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9',
  anchor: '0x15938bDEbFB17AFF9a6738fDbbBc439334e8Dcf0',
} as const

/** What access events and deletions are signed for. */
export const DOMAIN = { chainId: 31_337, verifyingContract: CONTRACT.consent as Hex } as const

/** Whoever signs in tests, by one digit of their key. */
function walletOf(digit: string): Wallet {
  return new Wallet(`0x${digit.repeat(64)}`)
}

/** The owner, a researcher, two operators, and somebody who is none of them. */
export const PATIENT: Wallet = walletOf('1')
export const RESEARCHER: Wallet = walletOf('2')
export const OPERATORS: readonly Wallet[] = [walletOf('3'), walletOf('4')]
export const STRANGER: Wallet = walletOf('5')

/** An address as the package's types have it. */
export function addressOf(wallet: Wallet): Hex {
  return wallet.address as Hex
}

/** 32 bytes of one hex digit. */
export function id32(digit: string): Hex {
  return `0x${digit.repeat(64)}`
}
