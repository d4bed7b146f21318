/** A unit of a file in terms of the UCUM unit that FHIR's profiles ask for. */
export interface UnitRule {
  /** UCUM code of the result. */
  readonly ucum: string
  /** The value is multiplied by this; digits are kept exactly. @defaultValue 1 */
  readonly factor?: bigint | undefined
  /** …and then divided by ten to this power. @defaultValue 0 */
  readonly shift?: number | undefined
}

/**
 * The value in the rule's UCUM unit, with all digits of the product.
 * @param text a decimal without exponent; anything else is returned as it is, for the caller to refuse
 */
export function applyUnit(text: string, { factor = 1n, shift = 0 }: UnitRule): string {
  if (factor === 1n && shift === 0) return text
  const parts = /^(-?)([0-9]{1,30})(?:\.([0-9]{1,30}))?$/.exec(text)
  if (parts === null) return text
  const [, sign = '', whole = '', fraction = ''] = parts
  const product = String(BigInt(whole + fraction) * factor)
  const decimals = fraction.length + shift
  if (decimals <= 0) return `${sign}${product === '0' ? product : product + '0'.repeat(-decimals)}`
  const digits = product.padStart(decimals + 1, '0')
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}
