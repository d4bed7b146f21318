import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SourceKind, SourceOptions } from '@halo/records'
import { canonicalJson, convert, isResource, parseFhirJson, RecordsError } from '@halo/records'

/** What a source made of a file: resources, or a refusal by its code. */
export type Outcome = { readonly lines: number } | { readonly refused: string }

/** A file that once broke a source, kept so that it does not again. */
export interface CorpusEntry {
  readonly kind: SourceKind
  readonly options: SourceOptions
  readonly bytes: Uint8Array
}

const SEEDS = fileURLToPath(new URL('seeds/', import.meta.url))
/** Where files are kept that broke a source. */
export const CORPUS: string = fileURLToPath(new URL('corpus/', import.meta.url))

/**
 * Converts a file that may be anything, cut in two at `cutAt`.
 * @throws whatever is a defect: an error that is not a `RecordsError`, a line that is no canonical
 * resource, a report that disagrees with the lines
 */
export async function survive(entry: CorpusEntry, cutAt = 0): Promise<Outcome> {
  const { kind, options, bytes } = entry
  const conversion = convert(kind, piecesOf(bytes, cutAt), options)
  let lines = 0
  try {
    for await (const piece of conversion) lines += checkPiece(piece)
  } catch (error) {
    if (error instanceof RecordsError) return { refused: error.code }
    throw error
  }
  const { resources } = conversion.report()
  if (resources !== lines) throw new Error(`the report says ${resources} resources, there are ${lines} lines`)
  return { lines }
}

/** Sample files of a kind, made up; each is one seed for mutations. */
export function seedsOf(kind: SourceKind): readonly Uint8Array[] {
  return globSync(`${SEEDS}${kind}.*`)
    .sort()
    .map((path) => new Uint8Array(readFileSync(path)))
}

/** What a sample file does not say itself: an option of each kind, as its owner would give it. */
export function optionsFor(kind: SourceKind, sample: Uint8Array): SourceOptions {
  const text = new TextDecoder().decode(sample)
  return { timeZone: 'Europe/Rome', unit: unitFor(kind, text), ...NEEDED[kind] }
}

const START = '2026-01-31T08:05:00+01:00'
const NEEDED: Partial<Readonly<Record<SourceKind, SourceOptions>>> = {
  accelerometer: { startTime: START },
  'force-plate': { startTime: START, axes: 'ml-ap' },
  fitbit: { dateOrder: 'mdy' },
}

function unitFor(kind: SourceKind, text: string): string | undefined {
  if (kind === 'glucose-csv' && text.includes(',8.5')) return 'mmol/L'
  if (kind !== 'fitbit') return undefined
  return text.includes('"weight"') ? 'kg' : 'steps'
}

/** The kept files, with their names. */
export function readCorpus(): readonly (CorpusEntry & { readonly name: string })[] {
  return globSync(`${CORPUS}*.json`)
    .sort()
    .map((path) => {
      const { kind, options, base64 } = JSON.parse(readFileSync(path, 'utf8'))
      return { name: basename(path), kind, options, bytes: new Uint8Array(Buffer.from(base64, 'base64')) }
    })
}

function checkPiece(piece: string): number {
  if (piece === '') return 0
  if (!piece.endsWith('\n')) throw new Error('a piece does not end with a line feed')
  const lines = piece.slice(0, -1).split('\n')
  for (const line of lines) {
    const value = parseFhirJson(line)
    if (!isResource(value)) throw new Error('a line is no resource')
    if (canonicalJson(value) !== line) throw new Error('a line is not canonical')
  }
  return lines.length
}

async function* piecesOf(bytes: Uint8Array, cutAt: number): AsyncGenerator<Uint8Array> {
  yield bytes.slice(0, cutAt)
  yield bytes.slice(cutAt)
}
