import type { Log, LogLevel } from '@halo/ports'
import { type DestinationStream, destination, pino } from 'pino'

/** Structured logs as JSON lines on standard error, or to `stream`. */
export function createLog(
  level: LogLevel,
  stream: DestinationStream = destination({ fd: 2, sync: true }),
): Log {
  const logger = pino({ level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }, stream)
  return (at, event, fields = {}) => logger[at]({ event, ...fields })
}

/** A log that keeps nothing, for commands that print for a person. */
export const silentLog: Log = () => undefined
