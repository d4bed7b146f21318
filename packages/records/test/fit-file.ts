/** One field of a message under test: its number, base type and bytes. */
export type FitField = readonly [number: number, baseType: number, ...bytes: number[]]

/** Bytes of a number, low byte first. */
export function bytesOf(value: number, size: number): number[] {
  return Array.from({ length: size }, (_, index) => Math.floor(value / 256 ** index) % 256)
}

/** A definition and one data message, low byte first. */
export function messageOf(number: number, ...fields: readonly FitField[]): number[] {
  return [...definitionOf(number, ...fields), 0, ...fields.flatMap(([, , ...bytes]) => bytes)]
}

/** A definition for local type 0. */
export function definitionOf(number: number, ...fields: readonly FitField[]): number[] {
  const described = fields.flatMap(([field, baseType, ...bytes]) => [field, bytes.length, baseType])
  return [0x40, 0, 0, ...bytesOf(number, 2), fields.length, ...described]
}

/** A whole file of 14 header bytes, the records and the checksum. */
export function fitFile(...records: readonly (readonly number[])[]): Uint8Array {
  const data = records.flat()
  const head = [14, 0x20, ...bytesOf(2100, 2), ...bytesOf(data.length, 4), 0x2e, 0x46, 0x49, 0x54]
  const bytes = [...head, ...bytesOf(checksum(head), 2), ...data]
  return Uint8Array.from([...bytes, ...bytesOf(checksum(bytes), 2)])
}

/** CRC-16/ARC bit by bit; of the nine digits `123456789` it is 0xBB3D. */
export function checksum(bytes: readonly number[]): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}
