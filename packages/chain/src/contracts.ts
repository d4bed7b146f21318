import type { AccessRequest } from '@halo/consent'
import { parseAccessRequest } from '@halo/consent'
import type { Result } from 'ethers'
import { Interface } from 'ethers'
import { ACCESS_MANAGER_ABI } from './generated/access-manager.ts'
import { ACCESS_TOKEN_ABI } from './generated/access-token.ts'
import { CONSENT_REGISTRY_ABI } from './generated/consent-registry.ts'
import { ESCROW_ABI } from './generated/escrow.ts'
import { HALO_REGISTRY_ABI } from './generated/halo-registry.ts'
import { LOG_ANCHOR_ABI } from './generated/log-anchor.ts'

/** The part of ERC-20 a researcher's payment touches, with the errors of ERC-6093. */
const ERC20_ABI = [
  'function balanceOf(address account) view returns (uint256)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function approve(address spender, uint256 amount) returns (bool)',
  'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  'error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)',
] as const

/** A contract by its role. */
export type ContractName = 'manager' | 'registry' | 'token' | 'consent' | 'escrow' | 'anchor' | 'erc20'

/** Encoders and decoders of each contract. */
export const INTERFACES: { readonly [Name in ContractName]: Interface } = {
  manager: new Interface(ACCESS_MANAGER_ABI),
  registry: new Interface(HALO_REGISTRY_ABI),
  token: new Interface(ACCESS_TOKEN_ABI),
  consent: new Interface(CONSENT_REGISTRY_ABI),
  escrow: new Interface(ESCROW_ABI),
  anchor: new Interface(LOG_ANCHOR_ABI),
  erc20: new Interface(ERC20_ABI),
}

/** The Solidity enums, in order. */
export const ESCROW_STATUS = ['none', 'open', 'settled', 'refunded'] as const
export const CONSENT_STATUS = ['none', 'granted', 'declined', 'revoked'] as const
export const OPERATOR_STATUS = ['none', 'active', 'suspended'] as const

/** The request inside a decoded event. */
export function requestOfResult(result: Result): AccessRequest {
  return parseAccessRequest(result.toObject())
}
