/** Base64 with padding. @see https://www.rfc-editor.org/rfc/rfc4648#section-4 */
export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

/** Base64 for URLs, without padding. @see https://www.rfc-editor.org/rfc/rfc4648#section-5 */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Bytes of base64 in its one spelling, or null. */
export function bytesOfBase64(text: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
    return toBase64(bytes) === text ? bytes : null
  } catch {
    return null
  }
}

/** Bytes of base64 for URLs in its one spelling, or null. */
export function bytesOfBase64Url(text: string): Uint8Array | null {
  const padding = '='.repeat((4 - (text.length % 4)) % 4)
  const bytes = bytesOfBase64(text.replaceAll('-', '+').replaceAll('_', '/') + padding)
  return bytes !== null && toBase64Url(bytes) === text ? bytes : null
}
