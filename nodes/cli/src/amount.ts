import { CliError } from './errors.ts'

const COIN = 10n ** 18n

/** An amount in whole coins, such as `0.02`, in the smallest unit. @throws CliError `USAGE` */
export function parseCoins(text: string, option: string): bigint {
  const [, whole, fraction = ''] = /^([0-9]{1,60})(?:\.([0-9]{1,18}))?$/.exec(text) ?? []
  if (whole === undefined) throw new CliError('USAGE', `${option} takes an amount in coins, such as 0.02.`)
  return BigInt(whole) * COIN + BigInt(fraction.padEnd(18, '0'))
}

/** An amount in coins for people, to six decimal places: gas makes for long tails. */
export function formatCoins(amount: bigint): string {
  const size = amount < 0n ? -amount : amount
  const fraction = String(size % COIN)
    .padStart(18, '0')
    .slice(0, 6)
    .replace(/0+$/, '')
  return `${amount < 0n ? '-' : ''}${size / COIN}${fraction === '' ? '' : `.${fraction}`}`
}

/** A duration such as `90s`, `10m`, `12h`, `7d`, in seconds. @throws CliError `USAGE` */
export function parseDuration(text: string, option: string): number {
  const match = /^([1-9][0-9]{0,8})([smhd])$/.exec(text)
  if (match === null) throw new CliError('USAGE', `${option} takes a duration such as 90s, 10m, 12h or 7d.`)
  const size = { s: 1, m: 60, h: 3600, d: 86_400 }[match[2] as 's' | 'm' | 'h' | 'd']
  return Number(match[1]) * size
}

/** A whole number within bounds. @throws CliError `USAGE` */
export function parseWhole(text: string, option: string, min: number, max: number): number {
  const value = Number(text)
  if (/^[0-9]+$/.test(text) && value >= min && value <= max) return value
  throw new CliError('USAGE', `${option} takes a whole number from ${min} to ${max}.`)
}
