import { formatCoins } from './amount.ts'

/** Says what to do where the part that failed cannot know how it was set up. */
const REMEDIES: Readonly<Record<string, string>> = {
  CHAIN_UNREACHABLE: 'It is the one given as --chain-url.',
  CHAIN_WRONG: 'Correct --chain-url or --network.',
  CONTRACT_MISSING: 'Correct --network, or --chain-url if that is another chain.',
  DEPLOYMENT_WRONG: 'Correct --network.',
}

/** An error's message as the command line prints it: amounts in coins, and with a remedy. */
export function messageOf(error: unknown): string {
  const { code, message, details } = (error ?? {}) as Readonly<Record<string, unknown>>
  const text = typeof message === 'string' ? message : String(error)
  if (code === 'INSUFFICIENT_FUNDS') return describeShortage(details) ?? text
  const remedy = typeof code === 'string' ? REMEDIES[code] : undefined
  return remedy === undefined ? text : `${text} ${remedy}`
}

function describeShortage(details: unknown): string | null {
  const { name, what, neededWei, heldWei } = (details ?? {}) as Readonly<Record<string, unknown>>
  if (typeof neededWei !== 'string' || typeof heldWei !== 'string') return null
  const held = formatCoins(BigInt(heldWei))
  const needed = formatCoins(BigInt(neededWei))
  return `The account cannot pay the ${what} of ${name}: it owns ${held} coins and needs at least ${needed}. Fund it and try again.`
}
