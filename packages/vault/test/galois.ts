/** a · b in GF(2^8) modulo a polynomial, bit by bit: slow, and with nothing in common with tables. */
export function multiply(a: number, b: number, polynomial: number): number {
  let [product, left, right] = [0, a, b]
  for (; right > 0; right >>= 1) {
    if (right & 1) product ^= left
    left <<= 1
    if (left & 0x100) left ^= polynomial
  }
  return product
}

// The inverse of a non-zero element, found by trying all.
function invert(a: number, polynomial: number): number {
  for (let b = 1; b < 256; b++) if (multiply(a, b, polynomial) === 1) return b
  throw new RangeError('zero has no inverse')
}

function power(base: number, exponent: number, polynomial: number): number {
  let result = 1
  for (let turn = 0; turn < exponent; turn++) result = multiply(result, base, polynomial)
  return result
}

type Matrix = readonly (readonly number[])[]

function product(a: Matrix, b: Matrix, polynomial: number): number[][] {
  return a.map((row) =>
    (b[0] ?? []).map((_, column) =>
      row.reduce((sum, value, at) => sum ^ multiply(value, b[at]?.[column] ?? 0, polynomial), 0),
    ),
  )
}

/** Gauss–Jordan elimination. */
function inverse(matrix: Matrix, polynomial: number): number[][] {
  const size = matrix.length
  const rows = matrix.map((row, at) => [...row, ...Array.from({ length: size }, (_, i) => Number(i === at))])
  for (let at = 0; at < size; at++) {
    const pivot = rows.findIndex((row, index) => index >= at && row[at] !== 0)
    const found = rows[pivot] ?? []
    rows[pivot] = rows[at] ?? []
    const scale = invert(found[at] ?? 0, polynomial)
    const scaled = found.map((value) => multiply(value, scale, polynomial))
    rows[at] = scaled
    rows.forEach((row, index) => {
      const factor = row[at] ?? 0
      if (index !== at)
        rows[index] = row.map((value, i) => value ^ multiply(factor, scaled[i] ?? 0, polynomial))
    })
  }
  return rows.map((row) => row.slice(size))
}

/**
 * Parity of a systematic Reed–Solomon code by its definition: the Vandermonde matrix r^c, made
 * systematic by the inverse of its upper square.
 */
export function referenceParity(units: readonly Uint8Array[], parity: number): Uint8Array[] {
  const polynomial = 0x11d
  const data = units.length
  const vandermonde = Array.from({ length: data + parity }, (_, row) =>
    Array.from({ length: data }, (_, column) => power(row, column, polynomial)),
  )
  const systematic = product(vandermonde, inverse(vandermonde.slice(0, data), polynomial), polynomial)
  return product(
    systematic.slice(data),
    units.map((unit) => [...unit]),
    polynomial,
  ).map((row) => Uint8Array.from(row))
}
