import { availableParallelism, cpus, totalmem } from 'node:os'
import type { Bench, Machine, Row } from './bench.ts'

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

/** Characters that a terminal shows in a line for sure; a name that is longer by itself is not cut. */
const MAX_WIDTH = 100

/**
 * Plain tables, an empty line between them: rows that share a figure stand in one, and one that would be too wide
 * goes on below, with the rows that have something there.
 */
export function toTable(rows: readonly Row[]): string {
  return groupRows(rows).flatMap(splitColumns).map(drawTable).join('\n\n')
}

/** A table's rows and its figures, without the name. */
interface Table {
  readonly rows: readonly Row[]
  readonly figures: readonly string[]
}

/** Rows that have a figure in common, also by way of a third one, in the order of the first of them. */
function groupRows(rows: readonly Row[]): readonly Table[] {
  let tables: readonly Table[] = []
  for (const row of rows) {
    const own = figuresOf(row)
    const kin = tables.filter(({ figures }) => figures.some((figure) => own.includes(figure)))
    const joined = joinTables([...kin, { rows: [row], figures: own }])
    tables =
      kin.length === 0
        ? [...tables, joined]
        : tables.flatMap((table) => (table === kin[0] ? [joined] : kin.includes(table) ? [] : [table]))
  }
  return tables
}

function joinTables(tables: readonly Table[]): Table {
  return {
    rows: tables.flatMap(({ rows }) => rows),
    figures: [...new Set(tables.flatMap(({ figures }) => figures))],
  }
}

function splitColumns({ rows, figures }: Table): readonly Table[] {
  const parts: string[][] = [[]]
  let width = widthOf(rows, 'name')
  for (const figure of figures) {
    const more = 2 + widthOf(rows, figure)
    if (width + more > MAX_WIDTH && parts.at(-1)?.length !== 0) {
      parts.push([])
      width = widthOf(rows, 'name')
    }
    parts.at(-1)?.push(figure)
    width += more
  }
  if (parts.length === 1) return [{ rows, figures }]
  const hasAny = (row: Row, part: readonly string[]): boolean => part.some((figure) => figure in row)
  return parts.map((part) => ({ rows: rows.filter((row) => hasAny(row, part)), figures: part }))
}

/** One column for every figure; numbers to the right. */
function drawTable({ rows, figures }: Table): string {
  const columns = ['name', ...figures]
  const isText = columns.map((column) => rows.some((row) => typeof row[column] === 'string'))
  const widths = columns.map((column) => widthOf(rows, column))
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (isText[i] ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [columns, ...rows.map((row) => columns.map((column) => cellOf(row[column])))].map(lineOf).join('\n')
}

function figuresOf(row: Row): readonly string[] {
  return Object.keys(row).filter((column) => column !== 'name')
}

function widthOf(rows: readonly Row[], column: string): number {
  return Math.max(column.length, ...rows.map((row) => cellOf(row[column]).length))
}

function cellOf(value: string | number | undefined): string {
  if (typeof value !== 'number') return value ?? ''
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

/** Which limits a row breaks, a sentence each. */
export function findBroken({ limits = [] }: Pick<Bench, 'limits'>, row: Row): readonly string[] {
  return limits.flatMap(([low, high]) => {
    const [below, above] = [row[low], row[high]]
    const isBroken = below !== undefined && above !== undefined && below > above
    return isBroken ? [`${row.name}: ${low} ${below} is above ${high} ${above}`] : []
  })
}
