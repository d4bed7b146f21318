import { MeasuresError } from '../errors.ts'
import type { AirQuantity, AirUnits } from './air-record.ts'

/** UCUM codes. */
export type AirUnit = 'ug/m3' | 'mg/m3' | '[ppb]' | '[ppm]' | '%' | 'Cel' | '[degF]' | 'K' | 'lx' | 'dB[SPL]'

const MASS = ['ug/m3', 'mg/m3'] as const
const GAS = ['ug/m3', 'mg/m3', '[ppb]', '[ppm]'] as const

/** The units that each quantity can be in. */
const UNITS: Readonly<Record<AirQuantity, readonly AirUnit[]>> = {
  pm2_5: MASS,
  pm10: MASS,
  tvoc: GAS,
  co2: ['[ppm]', '%', 'mg/m3'],
  co: GAS,
  no2: GAS,
  o3: GAS,
  hcho: GAS,
  c6h6: GAS,
  temperature: ['Cel', '[degF]', 'K'],
  humidity: ['%'],
  illumination: ['lx'],
  noise: ['dB[SPL]'],
}

/**
 * What paper 000's air file is likely to be in. Neither the file nor the paper names a unit; these four are the
 * only customary ones in which its values can be those of a room. Its gases fit several and are left open.
 */
export const ASSUMED_AIR_UNITS: AirUnits = {
  pm2_5: 'ug/m3',
  pm10: 'ug/m3',
  temperature: 'Cel',
  humidity: '%',
}

/** g/mol; a mixture such as all volatile compounds has none. */
const MOLAR_MASS: Readonly<Partial<Record<AirQuantity, number>>> = {
  co2: 44.009,
  co: 28.01,
  no2: 46.006,
  o3: 47.998,
  hcho: 30.026,
  c6h6: 78.112,
}
/** Litres that a mole of gas takes at 25 °C and 101.325 kPa; at 20 °C masses would be 1.7 % more. */
const MOLAR_VOLUME_L = 24.465

/** @throws MeasuresError `OPTION_INVALID` for a unit that the quantity cannot be in */
export function checkUnits(units: AirUnits): void {
  for (const [quantity, unit] of Object.entries(units)) {
    const allowed = UNITS[quantity as AirQuantity] as readonly AirUnit[] | undefined
    if (unit === undefined || allowed?.includes(unit)) continue
    const wanted =
      allowed === undefined ? 'not given: it is no quantity of air' : `one of ${allowed.join(', ')}`
    throw new MeasuresError('OPTION_INVALID', `The unit of ${quantity} must be ${wanted}.`)
  }
}

/** Converts to µg/m³ at 25 °C; null where that cannot be done. */
export function toMicrograms(quantity: AirQuantity, unit: AirUnit): ((value: number) => number) | null {
  if (unit === 'ug/m3') return (value) => value
  if (unit === 'mg/m3') return (value) => value * 1000
  const mass = MOLAR_MASS[quantity]
  if (mass === undefined) return null
  if (unit === '[ppb]') return (value) => (value * mass) / MOLAR_VOLUME_L
  if (unit === '[ppm]') return (value) => (1000 * value * mass) / MOLAR_VOLUME_L
  return null
}

/** Converts carbon dioxide to parts per million of volume. */
export function toPpm(unit: AirUnit): (value: number) => number {
  if (unit === '%') return (value) => value * 1e4
  if (unit === 'mg/m3') return (value) => (value * MOLAR_VOLUME_L) / (MOLAR_MASS.co2 as number)
  return (value) => value
}

/** Converts a temperature to degrees Celsius. */
export function toCelsius(unit: AirUnit): (value: number) => number {
  if (unit === '[degF]') return (value) => ((value - 32) * 5) / 9
  if (unit === 'K') return (value) => value - 273.15
  return (value) => value
}
