/** What a 16-bit float of medical devices says when it is no number. */
export type SpecialFloat = 'nan' | 'unresolved' | 'above' | 'below'

/** Bit patterns that are no number; the fifth, 0x801, is reserved. */
const SPECIAL: ReadonlyMap<number, SpecialFloat> = new Map([
  [0x07ff, 'nan'],
  [0x0800, 'unresolved'],
  [0x0801, 'nan'],
  [0x07fe, 'above'],
  [0x0802, 'below'],
])

/** A decimal number exactly as it was coded, or what it says instead. */
export type MedicalFloat = { readonly value: number; readonly valueText: string } | SpecialFloat

/**
 * Decodes an IEEE 11073-20601 SFLOAT: a signed 12-bit mantissa and, above it, a signed power of ten. Its
 * digits are kept: 1000 · 10⁻¹ is `100.0`.
 * @see https://www.bluetooth.com/specifications/specs/personal-health-devices-transcoding/ section 2.2.1
 */
export function decodeSfloat(bits: number): MedicalFloat {
  const mantissaBits = bits & 0x0fff
  const special = bits >> 12 === 0 ? SPECIAL.get(mantissaBits) : undefined
  if (special !== undefined) return special
  const mantissa = mantissaBits < 0x0800 ? mantissaBits : mantissaBits - 0x1000
  const exponentBits = (bits >> 12) & 0x0f
  const exponent = exponentBits < 8 ? exponentBits : exponentBits - 16
  const valueText = writeDecimal(mantissa, exponent)
  return { value: Number(valueText), valueText }
}

function writeDecimal(mantissa: number, exponent: number): string {
  const sign = mantissa < 0 ? '-' : ''
  const digits = String(Math.abs(mantissa))
  if (exponent >= 0) return mantissa === 0 ? '0' : sign + digits + '0'.repeat(exponent)
  const padded = digits.padStart(1 - exponent, '0')
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`
}
