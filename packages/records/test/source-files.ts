import { readFileSync } from 'node:fs'
import type { FhirResource, SourceKind, SourceOptions, SourceReport } from '@halo/records'
import { convert, parseFhirJson, RecordsError } from '@halo/records'
import { chunksOf } from './import-text.ts'

/** A file that became FHIR. */
export interface Converted {
  readonly text: string
  readonly resources: readonly FhirResource[]
  readonly report: SourceReport
}

/**
 * What becomes of a file that arrives in the given chunks. Refusals are returned: uvu says nothing of a thrown
 * error that has details.
 */
export async function attemptChunks(
  kind: SourceKind,
  chunks: readonly (string | Uint8Array)[],
  options: SourceOptions = {},
): Promise<Converted | RecordsError> {
  const conversion = convert(kind, chunksOf(...chunks), options)
  let text = ''
  try {
    for await (const piece of conversion) text += piece
  } catch (error) {
    if (error instanceof RecordsError) return error
    throw error
  }
  const lines = text.split('\n').slice(0, -1)
  return {
    text,
    resources: lines.map((line) => parseFhirJson(line) as FhirResource),
    report: conversion.report(),
  }
}

/** Converts a file that arrives in the given chunks; fails when it is refused. */
export async function convertChunks(
  kind: SourceKind,
  chunks: readonly (string | Uint8Array)[],
  options: SourceOptions = {},
): Promise<Converted> {
  const outcome = await attemptChunks(kind, chunks, options)
  if (outcome instanceof RecordsError) throw new Error(`refused with ${outcome.code}: ${outcome.message}`)
  return outcome
}

/** Converts a file that arrives in one piece; fails when it is refused. */
export function convertFile(
  kind: SourceKind,
  file: string | Uint8Array,
  options: SourceOptions = {},
): Promise<Converted> {
  return convertChunks(kind, [file], options)
}

/** The error that a conversion ends with; fails when it succeeds. */
export async function refusedFile(
  kind: SourceKind,
  file: string | Uint8Array,
  options: SourceOptions = {},
): Promise<RecordsError> {
  const outcome = await attemptChunks(kind, [file], options)
  if (outcome instanceof RecordsError) return outcome
  throw new Error('nothing was refused')
}

/** A made-up file of this package. */
export function readSeed(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`seeds/${name}`, import.meta.url)))
}

/** The canaries that a text holds, whatever the case; none are wanted. */
export function findCanaries(text: string, canaries: readonly string[]): readonly string[] {
  return canaries.filter((canary) => text.toLowerCase().includes(canary.toLowerCase()))
}
