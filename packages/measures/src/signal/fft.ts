/** Complex numbers, real and imaginary parts in arrays of one length. */
export interface ComplexArrays {
  readonly re: Float64Array
  readonly im: Float64Array
}

/**
 * Discrete Fourier transform of any length: X[k] = Σ x[n] e^(−2πi kn/N), not scaled. Powers of two by the
 * radix-2 algorithm, other lengths by Bluestein's. The input is left as it is.
 * @param im as long as `re`; absent for a real signal
 * @see Cooley and Tukey 1965, https://doi.org/10.1090/S0025-5718-1965-0178586-1
 * @see Bluestein 1970, https://doi.org/10.1109/TAU.1970.1162132
 */
export function transformFourier(
  re: Float64Array,
  im: Float64Array = new Float64Array(re.length),
): ComplexArrays {
  const isPowerOfTwo = (re.length & (re.length - 1)) === 0
  return isPowerOfTwo ? transformPowerOfTwo({ re, im }) : transformAnyLength({ re, im })
}

function transformPowerOfTwo(input: ComplexArrays): ComplexArrays {
  const { re, im } = reverseBits(input)
  const size = re.length
  const { re: cos, im: sin } = rootsOfUnity(size, size >> 1)
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

/**
 * With kn = (k² + n² − (k−n)²)/2 the transform is a convolution with a chirp, which powers of two can compute.
 */
function transformAnyLength({ re, im }: ComplexArrays): ComplexArrays {
  const size = re.length
  const chirp = chirpOf(size)
  const padded = 2 ** Math.ceil(Math.log2(2 * size - 1))
  const signal = multiply({ re, im }, chirp, padded)
  const kernel = { re: new Float64Array(padded), im: new Float64Array(padded) }
  for (let n = 0; n < size; n++) {
    const mirrored = (padded - n) % padded
    kernel.re[n] = kernel.re[mirrored] = chirp.re[n] as number
    kernel.im[n] = kernel.im[mirrored] = -(chirp.im[n] as number)
  }
  const product = multiply(transformPowerOfTwo(signal), transformPowerOfTwo(kernel), padded)
  return multiply(invertPowerOfTwo(product), chirp, size)
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

/** Inverse transform by way of the forward one, with real and imaginary parts exchanged. */
function invertPowerOfTwo({ re, im }: ComplexArrays): ComplexArrays {
  const swapped = transformPowerOfTwo({ re: im, im: re })
  return {
    re: swapped.im.map((part) => part / re.length),
    im: swapped.re.map((part) => part / re.length),
  }
}

/** Products of elements; zero beyond the shorter factor, cut at `size`. */
function multiply(a: ComplexArrays, b: ComplexArrays, size: number): ComplexArrays {
  const re = new Float64Array(size)
  const im = new Float64Array(size)
  const last = Math.min(size, a.re.length, b.re.length)
  for (let n = 0; n < last; n++) {
    const [ar, ai, br, bi] = [a.re[n], a.im[n], b.re[n], b.im[n]] as [number, number, number, number]
    re[n] = ar * br - ai * bi
    im[n] = ar * bi + ai * br
  }
  return { re, im }
}

function rootsOfUnity(size: number, count: number): ComplexArrays {
  const re = new Float64Array(count)
  const im = new Float64Array(count)
  for (let k = 0; k < count; k++) {
    re[k] = Math.cos((2 * Math.PI * k) / size)
    im[k] = -Math.sin((2 * Math.PI * k) / size)
  }
  return { re, im }
}

function reverseBits(input: ComplexArrays): ComplexArrays {
  const re = input.re.slice()
  const im = input.im.slice()
  for (let n = 1, reversed = 0; n < re.length; n++) {
    let bit = re.length >> 1
    for (; reversed & bit; bit >>= 1) reversed ^= bit
    reversed ^= bit
    if (n >= reversed) continue
    ;[re[n], re[reversed]] = [re[reversed] as number, re[n] as number]
    ;[im[n], im[reversed]] = [im[reversed] as number, im[n] as number]
  }
  return { re, im }
}
