/** The digit that a number would need behind it for Luhn's check: LOINC's way. @see https://loinc.org/kb/users-guide/loinc-database-structure/ */
export function hasLuhnDigit(digits: string, check: string): boolean {
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at])
    const weighed = at % 2 === 0 ? digit * 2 : digit
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return (10 - (sum % 10)) % 10 === Number(check)
}

/** Products of the dihedral group of order ten, row by row. */
const PRODUCTS = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
]
/** How a digit is permuted by its position from the right, modulo eight. */
const PERMUTATIONS = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
]

/** Verhoeff's check over all digits, the last being the check digit: SNOMED CT's way. @see https://confluence.ihtsdotools.org/display/DOCRELFMT/Verhoeff+Check+Digit */
export function hasVerhoeffDigit(digits: string): boolean {
  let state = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at])
    const permuted = Number(PERMUTATIONS[at % 8]?.[digit])
    state = Number(PRODUCTS[state]?.[permuted])
  }
  return state === 0
}
