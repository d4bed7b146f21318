import { RecordsError } from '../errors.ts'
import type { WrittenTime } from '../text/date-time.ts'
import { parseWrittenTime } from '../text/date-time.ts'

/** Reads dates whose first two numbers are day and month in an order that the file does not name. */
export interface NumericDates {
  /**
   * Reads what can be read without knowing the order, and notes what the numbers say about it.
   * @returns the text itself and no instant; null when it is no such time
   */
  read(text: string): WrittenTime | null
  /**
   * The time of a text that was read, once all were.
   * @returns null when there is no such day or time
   * @throws RecordsError `DATE_ORDER_NEEDED`
   */
  complete(text: string): WrittenTime | null
}

const NUMERIC = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})[ T](\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AP])\.?M\.?)?$/i
const YEAR_FIRST = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?$/

/**
 * Opens a reader of `DD-MM-YYYY HH:mm` and `MM-DD-YYYY hh:mm AM`, with `/` or `.` for `-`, for one file. A
 * number above 12 in any of its dates settles the order for all, because one file has one order. Twelve- or
 * twenty-four-hour clocks say nothing: both are used with both orders.
 * @param given the order, if the caller names it
 */
export function openNumericDates(given: 'dmy' | 'mdy' | undefined): NumericDates {
  let isDayFirst = given === 'dmy'
  let isMonthFirst = given === 'mdy'
  let isOpen = false

  return {
    read(text) {
      if (YEAR_FIRST.test(text)) return unread(text)
      const parts = NUMERIC.exec(text)
      if (parts === null) return null
      const [first, second] = [Number(parts[1]), Number(parts[3])]
      if (given === undefined && first > 12) isDayFirst = true
      else if (given === undefined && second > 12) isMonthFirst = true
      // 04-04 is the same day in both orders.
      else if (first !== second) isOpen = true
      return unread(text)
    },
    complete(text) {
      const parts = NUMERIC.exec(text)
      if (parts === null) return parseWrittenTime(text)
      if (isOpen && !isDayFirst && !isMonthFirst) throw orderNeeded()
      const [, first = '', , second = '', year = '', hour = '', minute = '', seconds = '00', half] = parts
      // Where the numbers contradict each other, one row has no such month and is refused by name.
      const [day, month] = isMonthFirst ? [second, first] : [first, second]
      const hour24 = half === undefined ? hour : toHour24(Number(hour), half)
      return parseWrittenTime(`${year}-${pad(month)}-${pad(day)}T${pad(hour24)}:${minute}:${seconds}`)
    },
  }
}

/** The hour of a twelve-hour clock; one that such a clock does not have becomes 99. */
function toHour24(hour: number, half: string): string {
  if (hour < 1 || hour > 12) return '99'
  return String((hour % 12) + (half.toUpperCase() === 'P' ? 12 : 0))
}

function pad(text: string): string {
  return text.padStart(2, '0')
}

function unread(text: string): WrittenTime {
  return { wallMs: Number.NaN, offsetMin: null, text }
}

function orderNeeded(): RecordsError {
  return new RecordsError(
    'DATE_ORDER_NEEDED',
    'Every date could be day-month or month-day. Look at one whose day you know and say which: --date-order dmy or --date-order mdy.',
    { field: 'time' },
  )
}
