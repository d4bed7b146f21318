import { formatCoins } from './amount.ts'

/** Says what to do where the part that failed cannot know how it was set up. */
const REMEDIES: Readonly<Record<string, string>> = {
  CHAIN_UNREACHABLE: 'It is the one given as --chain-url.',
  CHAIN_WRONG: 'Correct --chain-url or --network.',
  CONTRACT_MISSING: 'Correct --network, or --chain-url if that is another chain.',
  DEPLOYMENT_WRONG: 'Correct --network.',
}

/** Names of options in packages, and what they are called here. */
const OPTIONS: readonly (readonly [name: RegExp, option: string])[] = [
  [/^The option startTime\b/, '--start'],
  [/^The option unit\b/, '--unit'],
  [/^The option dateOrder\b/, '--date-order'],
  [/^The option axes\b/, '--axes'],
  [/^The option names\b/, '--names'],
  [/^The option rateHz\b/, '--hz'],
  [/^heightM or comHeightM\b/, '--height'],
]

/** Says what else than the file may be wrong. */
function remedyOf(code: unknown, text: string): string | undefined {
  if (code === 'TIME_INVALID' && text.includes('31-01-2026'))
    return 'If many rows are so, check --date-order.'
  if (code === 'JSON_MALFORMED' || (code === 'FORMAT_UNKNOWN' && text.startsWith('The file is not JSON')))
    return 'If it is a CSV or XML export, make FHIR of it with halo records convert and the --from of its kind.'
  return typeof code === 'string' ? REMEDIES[code] : undefined
}

function nameOptions(code: unknown, text: string): string {
  if (code !== 'OPTION_INVALID') return text
  return OPTIONS.reduce((named, [name, option]) => named.replace(name, option), text)
}

/** An error's message as the command line prints it: amounts in coins, and with a remedy. */
export function messageOf(error: unknown): string {
  const { code, message, details } = (error ?? {}) as Readonly<Record<string, unknown>>
  const text = nameOptions(code, typeof message === 'string' ? message : String(error))
  if (code === 'INSUFFICIENT_FUNDS') return describeShortage(details) ?? text
  const remedy = remedyOf(code, text)
  return remedy === undefined ? text : `${text} ${remedy}`
}

function describeShortage(details: unknown): string | null {
  const { name, what, neededWei, heldWei } = (details ?? {}) as Readonly<Record<string, unknown>>
  if (typeof neededWei !== 'string' || typeof heldWei !== 'string') return null
  const held = formatCoins(BigInt(heldWei))
  const needed = formatCoins(BigInt(neededWei))
  return `The account cannot pay the ${what} of ${name}: it owns ${held} coins and needs at least ${needed}. Fund it and try again.`
}
