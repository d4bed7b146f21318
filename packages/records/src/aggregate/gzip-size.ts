/** Bytes that gzip makes of these; engines differ by a few. */
export async function gzipSizeOf(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'))
  const reader = packed.getReader()
  let sizeBytes = 0
  for (let next = await reader.read(); !next.done; next = await reader.read()) sizeBytes += next.value.length
  return sizeBytes
}
