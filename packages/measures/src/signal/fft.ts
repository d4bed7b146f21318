/** Complex numbers, real and imaginary parts in arrays of one length. */
export interface ComplexArrays {
  readonly re: Float64Array
  readonly im: Float64Array
}

/** Transforms a signal of the planned length; the input is left as it is. */
export type FourierTransform = (signal: ComplexArrays) => ComplexArrays

/**
 * Plans the discrete Fourier transform of one length, X[k] = Σ x[n] e^(−2πi kn/N), not scaled: its roots of
 * unity are computed once. Powers of two go by the radix-2 algorithm, other lengths by Bluestein's.
 * @see Cooley and Tukey 1965, https://doi.org/10.1090/S0025-5718-1965-0178586-1
 * @see Bluestein 1970, https://doi.org/10.1109/TAU.1970.1162132
 */
export function planFourier(size: number): FourierTransform {
  return (size & (size - 1)) === 0 ? planPowerOfTwo(size) : planAnyLength(size)
}

function planPowerOfTwo(size: number): FourierTransform {
  const { re: cos, im: sin } = rootsOfUnity(size)
  const order = reverseBits(size)
  return (input) => {
    const re = new Float64Array(size)
    const im = new Float64Array(size)
    for (let n = 0; n < size; n++) {
      re[n] = input.re[order[n] as number] as number
      im[n] = input.im[order[n] as number] as number
    }
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half)
      for (let start = 0; start < size; start += 2 * half)
        for (let k = 0; k < half; k++) {
          const top = start + k
          const bottom = top + half
          const wr = cos[k * stride] as number
          const wi = sin[k * stride] as number
          const br = (re[bottom] as number) * wr - (im[bottom] as number) * wi
          const bi = (re[bottom] as number) * wi + (im[bottom] as number) * wr
          re[bottom] = (re[top] as number) - br
          im[bottom] = (im[top] as number) - bi
          re[top] = (re[top] as number) + br
          im[top] = (im[top] as number) + bi
        }
    }
    return { re, im }
  }
}

/**
 * With kn = (k² + n² − (k−n)²)/2 the transform is a convolution with a chirp, which powers of two can compute.
 */
function planAnyLength(size: number): FourierTransform {
  const chirp = chirpOf(size)
  const padded = 2 ** Math.ceil(Math.log2(2 * size - 1))
  const transform = planPowerOfTwo(padded)
  const kernel = { re: new Float64Array(padded), im: new Float64Array(padded) }
  for (let n = 0; n < size; n++) {
    const mirrored = (padded - n) % padded
    kernel.re[n] = kernel.re[mirrored] = chirp.re[n] as number
    kernel.im[n] = kernel.im[mirrored] = -(chirp.im[n] as number)
  }
  const transformedKernel = transform(kernel)
  return (signal) => {
    const product = multiply(transform(multiply(signal, chirp, padded)), transformedKernel, padded)
    // The inverse transform is the forward one with real and imaginary parts exchanged.
    const swapped = transform({ re: product.im, im: product.re })
    const scale = (part: number): number => part / padded
    return multiply({ re: swapped.im.map(scale), im: swapped.re.map(scale) }, chirp, size)
  }
}

/** e^(−πi n²/N) for n < N. */
function chirpOf(size: number): ComplexArrays {
  const re = new Float64Array(size)
  const im = new Float64Array(size)
  let square = 0
  for (let n = 0; n < size; n++) {
    re[n] = Math.cos((Math.PI * square) / size)
    im[n] = -Math.sin((Math.PI * square) / size)
    // n² modulo 2N, kept small: cosines of large arguments lose digits.
    square = (square + 2 * n + 1) % (2 * size)
  }
  return { re, im }
}

/** Products of elements; zero beyond the shorter factor, cut at `size`. */
function multiply(a: ComplexArrays, b: ComplexArrays, size: number): ComplexArrays {
  const re = new Float64Array(size)
  const im = new Float64Array(size)
  const last = Math.min(size, a.re.length, b.re.length)
  for (let n = 0; n < last; n++) {
    const ar = a.re[n] as number
    const ai = a.im[n] as number
    const br = b.re[n] as number
    const bi = b.im[n] as number
    re[n] = ar * br - ai * bi
    im[n] = ar * bi + ai * br
  }
  return { re, im }
}

/** e^(−2πi k/N) for the first half of k. */
function rootsOfUnity(size: number): ComplexArrays {
  const re = new Float64Array(size >> 1)
  const im = new Float64Array(size >> 1)
  for (let k = 0; k < re.length; k++) {
    re[k] = Math.cos((2 * Math.PI * k) / size)
    im[k] = -Math.sin((2 * Math.PI * k) / size)
  }
  return { re, im }
}

/** Indices with their bits in reverse. */
function reverseBits(size: number): Uint32Array {
  const order = new Uint32Array(size)
  for (let n = 1, reversed = 0; n < size; n++) {
    let bit = size >> 1
    for (; reversed & bit; bit >>= 1) reversed ^= bit
    reversed ^= bit
    order[n] = reversed
  }
  return order
}
