import { availableParallelism, cpus, totalmem } from 'node:os'
import type { Machine, Row } from './bench.ts'

/** The machine this process runs on. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  }
}

/** One JSON object on one line. */
export function toJson(bench: string, machine: Machine, rows: readonly Row[]): string {
  return JSON.stringify({ bench, machine, rows })
}

/** A plain table with one column for every figure that any row has; numbers to the right. */
export function toTable(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cells = rows.map((row) => columns.map((column) => cellOf(row[column])))
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...cells.map((line) => line[i]?.length ?? 0)),
  )
  const isText = columns.map((column) => rows.some((row) => typeof row[column] === 'string'))
  const lineOf = (line: readonly string[]): string =>
    line
      .map((cell, i) => (isText[i] ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [columns, ...cells].map(lineOf).join('\n')
}

function cellOf(value: string | number | undefined): string {
  if (typeof value !== 'number') return value ?? ''
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
