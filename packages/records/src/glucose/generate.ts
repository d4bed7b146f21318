import { parseWrittenTime } from '../text/date-time.ts'
import { invalidOption } from '../text/options.ts'
import type { Random } from './random.ts'
import { createRandom } from './random.ts'

/** What made-up data to make. */
export interface GenerateOptions {
  /** @defaultValue 14 */
  readonly days?: number
  /** A whole number; the same options give the same text. @defaultValue 7 */
  readonly seed?: number
  /** First day, `YYYY-MM-DD`. @defaultValue `'2026-01-05'` */
  readonly startDate?: string
  /** Minutes between readings, a divisor of 1440. @defaultValue 5 */
  readonly intervalMin?: number
  /** Whether the sensor misses stretches, as real ones do. @defaultValue true */
  readonly hasGaps?: boolean
}

/** A rise and fall of glucose, from eating or from too much insulin. */
interface Excursion {
  readonly startMin: number
  /** mg/dL at its peak; negative for a dip. */
  readonly height: number
  /** Minutes from start to peak. */
  readonly peakMin: number
}

const DAY_MIN = 1440
const MINUTE_MS = 60_000

/**
 * Made-up sensor data of one person with type 1 diabetes, as plain CSV `id,time,gl` in mg/dL and UTC:
 * meals, dips, a rise before waking, sensor noise, and stretches the sensor missed. For demonstrations
 * and measurements only.
 * @throws RecordsError `OPTION_INVALID`
 */
export function generateGlucoseCsv(options: GenerateOptions = {}): string {
  const { days = 14, seed = 7, startDate = '2026-01-05', intervalMin = 5, hasGaps = true } = options
  const start = parseWrittenTime(`${startDate}T00:00`)
  requireOption(
    Number.isSafeInteger(days) && days > 0 && days <= 3660,
    'days',
    'a whole number from 1 to 3660',
  )
  requireOption(Number.isSafeInteger(seed), 'seed', 'a whole number')
  requireOption(
    Number.isSafeInteger(intervalMin) && intervalMin > 0 && DAY_MIN % intervalMin === 0,
    'intervalMin',
    'a divisor of 1440',
  )
  if (start === null) throw invalidOption('startDate', 'a date such as 2026-01-05')
  const random = createRandom(seed)
  const lines = ['id,time,gl']
  let noise = 0
  let excursions: readonly Excursion[] = []
  for (let day = 0; day < days; day++) {
    excursions = [...excursions, ...planDay(random)]
    const misses = planMisses(random, day)
    for (let minute = 0; minute < DAY_MIN; minute += intervalMin) {
      // Sensor errors persist for minutes: first-order autoregression.
      noise = 0.85 * noise + 2.4 * random.normal()
      if (hasGaps && misses.some(([from, to]) => minute >= from && minute < to)) continue
      const glucose = Math.round(basalAt(minute) + sumAt(excursions, minute) + noise)
      const time = new Date(start.wallMs + (day * DAY_MIN + minute) * MINUTE_MS).toISOString().slice(0, 19)
      lines.push(`demo,${time}Z,${Math.min(400, Math.max(40, glucose))}`)
    }
    // What was eaten late in the evening is still felt after midnight.
    excursions = excursions.map((one) => ({ ...one, startMin: one.startMin - DAY_MIN }))
    excursions = excursions.filter(({ startMin }) => startMin > -DAY_MIN / 2)
  }
  return `${lines.join('\n')}\n`
}

/** Meals with jitter in hour and size; now and then a dip after a meal or at night. */
function planDay(random: Random): Excursion[] {
  const meals = [
    [450, 95],
    [770, 85],
    [1160, 110],
  ] as const
  const eaten = meals.map(([minute, height]) => ({
    startMin: minute + 25 * random.normal(),
    height: Math.max(15, height + 32 * random.normal()),
    peakMin: random.between(45, 80),
  }))
  const hasDip = random.between(0, 1) < 0.45
  const dip = {
    startMin: random.between(0, 1) < 0.5 ? random.between(60, 240) : random.between(900, 1080),
    height: -random.between(45, 85),
    peakMin: random.between(30, 60),
  }
  return hasDip ? [...eaten, dip] : eaten
}

/** Two hours of warm-up with every new sensor, and lost radio contact on some days. */
function planMisses(random: Random, day: number): (readonly [from: number, to: number])[] {
  const from = random.between(0, DAY_MIN)
  const lost = [from, from + random.between(20, 110)] as const
  const isLost = random.between(0, 1) < 0.3
  const warmUp = [600, 720] as const
  return [...(isLost ? [lost] : []), ...(day > 0 && day % 10 === 0 ? [warmUp] : [])]
}

/** mg/dL without meals: lowest at night, highest after the liver's rise before waking. */
function basalAt(minute: number): number {
  const dawn = 26 * bump((minute - 390) / 100)
  const afternoon = 10 * bump((minute - 960) / 240)
  return 112 + dawn + afternoon
}

function sumAt(excursions: readonly Excursion[], minute: number): number {
  let sum = 0
  for (const { startMin, height, peakMin } of excursions) {
    const age = (minute - startMin) / peakMin
    // Rises from 0 to 1 at age 1 and decays: absorption against insulin. Only operations that IEEE 754
    // rounds exactly, so that every engine makes the same text.
    const shape = (2 * age) / (1 + age * age)
    if (age > 0) sum += height * shape * shape
  }
  return sum
}

/** 1 at 0, falling to 0 at ±2 and beyond. */
function bump(x: number): number {
  const rest = 1 - (x * x) / 4
  return rest <= 0 ? 0 : rest * rest
}

function requireOption(isValid: boolean, option: string, wanted: string): void {
  if (!isValid) throw invalidOption(option, wanted)
}
