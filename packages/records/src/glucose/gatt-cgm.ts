import { RecordsError } from '../errors.ts'
import type { MedicalFloat } from './sfloat.ts'
import { decodeSfloat } from './sfloat.ts'

/** One reading as a sensor sends it by Bluetooth. */
export interface CgmMeasurement {
  /** Glucose in mg/dL, the only unit of the service. */
  readonly glucose: MedicalFloat
  /** Whole minutes since the session's start, 0 to 65535. */
  readonly offsetMin: number
  /** Bits by {@link CGM_STATUS}; 0 where the sensor said nothing. */
  readonly status: number
  /** mg/dL per minute; null where it is not sent. */
  readonly trend: MedicalFloat | null
  /** Percent; null where it is not sent. */
  readonly quality: MedicalFloat | null
}

/** When a session of a sensor began. */
export interface CgmSessionStart {
  /** Wall clock, `YYYY-MM-DDThh:mm:ss`. */
  readonly localTime: string
  /** Minutes east of UTC that the clock showed, summer time included; null where the sensor does not know. */
  readonly utcOffsetMin: number | null
}

/** Bits of the sensor's status, octet by octet: its state, calibration and temperature, warnings. */
export const CGM_STATUS = {
  sessionStopped: 0x000001,
  batteryLow: 0x000002,
  sensorTypeWrong: 0x000004,
  sensorMalfunction: 0x000008,
  deviceAlert: 0x000010,
  deviceFault: 0x000020,
  timeSyncNeeded: 0x000100,
  calibrationNotAllowed: 0x000200,
  calibrationRecommended: 0x000400,
  calibrationNeeded: 0x000800,
  temperatureTooHigh: 0x001000,
  temperatureTooLow: 0x002000,
  belowPatientLow: 0x010000,
  abovePatientHigh: 0x020000,
  belowHypo: 0x040000,
  aboveHyper: 0x080000,
  fallingFast: 0x100000,
  risingFast: 0x200000,
  belowRange: 0x400000,
  aboveRange: 0x800000,
} as const

const HAS_TREND = 1 << 0
const HAS_QUALITY = 1 << 1
const HAS_WARNING = 1 << 5
const HAS_CALIBRATION = 1 << 6
const HAS_STATE = 1 << 7

/** Size, flags, glucose and time. */
const LEAST_SIZE = 6
const CRC_SIZE = 2

/**
 * Decodes the value of the characteristic CGM Measurement (0x2AA7): one or more records one after the other,
 * each of which says its size. A record with two octets more than its flags ask for ends with a checksum.
 * @param hasChecksum whether the sensor sends checksums, by {@link parseCgmFeature}; without it a damaged flag
 * may make a checksum look like a field
 * @throws RecordsError `FRAME_INVALID`, whose details name the record's first octet
 * @see https://www.bluetooth.com/specifications/specs/continuous-glucose-monitoring-service-1-0-2/ section 3.1
 */
export function parseCgmMeasurements(bytes: Uint8Array, hasChecksum?: boolean): readonly CgmMeasurement[] {
  const found: CgmMeasurement[] = []
  if (bytes.length === 0) throw invalidFrame('is empty', 0)
  for (let at = 0; at < bytes.length; at += bytes[at] ?? 0) {
    const size = bytes[at] ?? 0
    if (size < LEAST_SIZE || at + size > bytes.length) throw invalidFrame('is cut short', at)
    found.push(parseRecord(bytes.subarray(at, at + size), at, hasChecksum))
  }
  return found
}

function parseRecord(record: Uint8Array, at: number, hasChecksum: boolean | undefined): CgmMeasurement {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength)
  const flags = view.getUint8(1)
  let next = LEAST_SIZE
  const octet = (flag: number): number => ((flags & flag) === 0 ? 0 : read(record, next++, at))
  const float = (flag: number): MedicalFloat | null => {
    if ((flags & flag) === 0) return null
    const low = read(record, next++, at)
    return decodeSfloat(low | (read(record, next++, at) << 8))
  }
  // Warnings come first in a record, though they are the highest octet of the status.
  const [warning, calibration, state] = [octet(HAS_WARNING), octet(HAS_CALIBRATION), octet(HAS_STATE)]
  const trend = float(HAS_TREND)
  const quality = float(HAS_QUALITY)
  checkEnd(record, next, at, hasChecksum)
  return {
    glucose: decodeSfloat(view.getUint16(2, true)),
    offsetMin: view.getUint16(4, true),
    status: state | (calibration << 8) | (warning << 16),
    trend,
    quality,
  }
}

/** Three octets of features, type and place of the sample, checksum: always there, 0xFFFF where none is computed. */
const FEATURE_SIZE = 6
const HAS_CHECKSUMS = 1 << 12

/**
 * Decodes the value of the characteristic CGM Feature (0x2AA8) as far as it says how to read the others.
 * @throws RecordsError `FRAME_INVALID`
 * @see https://www.bluetooth.com/specifications/specs/continuous-glucose-monitoring-service-1-0-2/ section 3.2
 */
export function parseCgmFeature(bytes: Uint8Array): { readonly hasChecksum: boolean } {
  if (bytes.length !== FEATURE_SIZE) throw invalidFrame('is cut short', 0)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const hasChecksum = (view.getUint16(0, true) & HAS_CHECKSUMS) !== 0
  if (hasChecksum) checkEnd(bytes, FEATURE_SIZE - CRC_SIZE, 0, true)
  return { hasChecksum }
}

/** Date and time of 7 octets, zone, summer time. */
const START_SIZE = 9
const ZONE_UNKNOWN = -128
/** Minutes that summer time adds, by its code; 255 is "unknown". */
const SUMMER_TIME_MIN: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [2, 30],
  [4, 60],
  [8, 120],
])

/**
 * Decodes the value of the characteristic CGM Session Start Time (0x2AAA).
 * @throws RecordsError `FRAME_INVALID`
 * @see https://www.bluetooth.com/specifications/specs/continuous-glucose-monitoring-service-1-0-2/ section 3.4
 */
export function parseCgmSessionStart(bytes: Uint8Array, hasChecksum?: boolean): CgmSessionStart {
  if (bytes.length < START_SIZE) throw invalidFrame('is cut short', 0)
  checkEnd(bytes, START_SIZE, 0, hasChecksum)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [month, day, hour, minute, second] = [2, 3, 4, 5, 6].map((at) =>
    String(view.getUint8(at)).padStart(2, '0'),
  )
  const zone = view.getInt8(7)
  const summer = SUMMER_TIME_MIN.get(view.getUint8(8))
  return {
    localTime: `${String(view.getUint16(0, true)).padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}`,
    utcOffsetMin: zone === ZONE_UNKNOWN || summer === undefined ? null : zone * 15 + summer,
  }
}

/** What follows the last field must be nothing or the right checksum. */
function checkEnd(record: Uint8Array, end: number, at: number, hasChecksum?: boolean): void {
  if (record.length === end && hasChecksum !== true) return
  if (record.length !== end + CRC_SIZE || hasChecksum === false)
    throw invalidFrame('has a size that its flags do not explain', at)
  const sent = read(record, end, at) | (read(record, end + 1, at) << 8)
  if (sent !== crc16(record.subarray(0, end))) throw invalidFrame('has a wrong checksum', at)
}

/**
 * The service's checksum: CRC-CCITT, polynomial 0x1021, started with 0xFFFF, lowest bit first (CRC-16/MCRF4XX,
 * whose check value over "123456789" is 0x6F91).
 */
function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0x8408
  }
  return crc
}

function read(record: Uint8Array, index: number, at: number): number {
  const octet = record[index]
  if (octet === undefined) throw invalidFrame('is cut short', at)
  return octet
}

function invalidFrame(what: string, octet: number): RecordsError {
  return new RecordsError('FRAME_INVALID', `The sensor's frame ${what}. Capture it again.`, { octet })
}
