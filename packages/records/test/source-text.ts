import type { SourceKind, SourceOptions, SourceReport } from '@halo/records'
import { convert, RecordsError } from '@halo/records'
import { chunksOf } from './import-text.ts'

/** What a file becomes: all its lines as one text, and the report. */
export async function convertText(
  kind: SourceKind,
  file: string | Uint8Array,
  options: SourceOptions = {},
): Promise<{ readonly text: string; readonly lines: readonly string[]; readonly report: SourceReport }> {
  const conversion = convert(kind, chunksOf(file), options)
  let text = ''
  for await (const piece of conversion) text += piece
  return { text, lines: text === '' ? [] : text.slice(0, -1).split('\n'), report: conversion.report() }
}

/** The error something ends with; fails when it succeeds or ends with another kind of error. */
export async function refusalOf(what: () => Promise<unknown>): Promise<RecordsError> {
  try {
    await what()
  } catch (error) {
    if (error instanceof RecordsError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

/** The codes that files of one kind are refused with. */
export async function codeOf(kind: SourceKind, file: string, options: SourceOptions = {}): Promise<string> {
  return (await refusalOf(() => convertText(kind, file, options))).code
}
