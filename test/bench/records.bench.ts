import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { convert, generateGlucoseCsv, openValidator, parseFhirJson } from '@halo/records'
import { generateAppleHealthXml } from '../../packages/records/test/generate-apple-health.ts'
import type { Bench, BenchOptions, Row } from './bench.ts'
import { measureHeap } from './heap.ts'
import { measureSizes } from './sizes.ts'

const MIB = 1 << 20
const GIB = 1 << 30
const ROWS = 400_000
const VALIDATED = 20_000
const PARTS = ['glucose', 'validate', 'apple', 'sizes'] as const
/** Limits on one core. */
const MIN_ROWS_PER_SEC = 50_000
const MIN_RESOURCES_PER_SEC = 1000
/** What waits to be collected differs by tens of MiB between runs; a file that was held would be 1848. */
const MAX_HEAP_GROWTH_MIB = 128

/** What turning exports into FHIR costs, and what checking it costs. */
export const bench: Bench = {
  name: 'records',
  description:
    'exports to FHIR R4 NDJSON, validation, and memory on a large file; limits: 50 000 CGM rows/s, 1 000 resources/s, a heap that does not grow with the file; baselines on the same bytes in the same run',
  parts: PARTS,
  limits: [
    ['limitRowsPerSec', 'rowsPerSec'],
    ['limitResourcesPerSec', 'resourcesPerSec'],
    ['heapGrowthMiB', 'limitHeapGrowthMiB'],
  ],
  async rows(options) {
    const dir = await mkdtemp(join(tmpdir(), 'halo-bench-'))
    const parts: Readonly<Record<(typeof PARTS)[number], () => Promise<readonly Row[]>>> = {
      glucose: () => measureGlucoseImport(options),
      validate: () => measureValidation(options),
      apple: () => measureAppleHealth(dir, options),
      sizes: () => measureSizes(options),
    }
    try {
      const rows: Row[] = []
      for (const name of PARTS)
        if (options.only.length === 0 || options.only.includes(name)) rows.push(...(await parts[name]()))
      return rows
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  },
}

async function measureGlucoseImport({ onProgress }: BenchOptions): Promise<readonly Row[]> {
  onProgress(`glucose: ${ROWS} rows`)
  const days = Math.ceil(ROWS / 288)
  const csv = new TextEncoder().encode(generateGlucoseCsv({ days, hasGaps: false }))
  const rowsIn = new TextDecoder().decode(csv).split('\n').length - 2
  const split = await timed(
    async () =>
      void new TextDecoder()
        .decode(csv)
        .split('\n')
        .map((row) => row.split(',')),
  )
  let bytes = 0
  const imported = await timed(async () => {
    for await (const piece of convert('glucose-csv', chunksOf(csv), { timeZone: 'UTC' }))
      bytes += piece.length
  })
  return [
    {
      name: 'baseline: decode and split the rows',
      rowsPerSec: Math.round(rowsIn / (split / 1000)),
    },
    {
      name: 'glucose CSV to FHIR NDJSON',
      rowsPerSec: Math.round(rowsIn / (imported / 1000)),
      limitRowsPerSec: MIN_ROWS_PER_SEC,
      outMiB: bytes / MIB,
    },
  ]
}

async function measureValidation({ onProgress }: BenchOptions): Promise<readonly Row[]> {
  onProgress(`validation: ${VALIDATED} resources`)
  const csv = new TextEncoder().encode(
    generateGlucoseCsv({ days: Math.ceil(VALIDATED / 288), hasGaps: false }),
  )
  const lines: string[] = []
  for await (const piece of convert('glucose-csv', chunksOf(csv), { timeZone: 'UTC' }))
    lines.push(...piece.trimEnd().split('\n'))
  const apple: string[] = []
  for await (const piece of convert('apple-health', generateAppleHealthXml(4 * MIB), {}))
    apple.push(...piece.trimEnd().split('\n'))
  const opened = performance.now()
  const validate = await openValidator()
  const openMs = performance.now() - opened
  const rows: Row[] = [{ name: 'open the validator (definitions)', ms: openMs }]
  for (const [name, input] of [
    ['CGM Observations', lines],
    ['vital signs', apple.slice(0, VALIDATED)],
  ] as const) {
    const parsed = await timed(async () => void input.map((line) => JSON.parse(line)))
    let issues = 0
    const checked = await timed(async () => {
      for (const line of input)
        issues += validate(parseFhirJson(line) as Parameters<typeof validate>[0]).length
    })
    rows.push(
      {
        name: `baseline: JSON.parse, ${name}`,
        resourcesPerSec: Math.round(input.length / (parsed / 1000)),
      },
      {
        name: `parse and validate, ${name}`,
        resourcesPerSec: Math.round(input.length / (checked / 1000)),
        limitResourcesPerSec: MIN_RESOURCES_PER_SEC,
        issues,
      },
    )
  }
  return rows
}

/** One size and ten times that: what grows with the file shows. */
async function measureAppleHealth(
  dir: string,
  { onProgress, signal }: BenchOptions,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  const peaksMiB: number[] = []
  for (const sizeBytes of [200 * MIB, 2 * GIB]) {
    const path = join(dir, 'export.xml')
    onProgress(`apple-health: writing ${sizeBytes / MIB} MiB`)
    await pipeline(generateAppleHealthXml(sizeBytes), createWriteStream(path), { signal })
    const { size } = await stat(path)
    onProgress('apple-health: reading')
    const read = await timed(async () => {
      const decoder = new TextDecoder()
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }))
        decoder.decode(chunk, { stream: true })
    })
    let out = 0
    const heap = measureHeap()
    const conversion = convert('apple-health', createReadStream(path, { highWaterMark: 1 << 18 }), { signal })
    const converted = await timed(async () => {
      for await (const piece of conversion) out += piece.length
    })
    const peakHeapMiB = heap.stop() / MIB
    peaksMiB.push(peakHeapMiB)
    rows.push(
      {
        name: `baseline: read and decode ${Math.round(size / MIB)} MiB`,
        inMiBps: size / MIB / (read / 1000),
      },
      {
        name: `export.xml of ${Math.round(size / MIB)} MiB to FHIR NDJSON`,
        inMiBps: size / MIB / (converted / 1000),
        outMiB: out / MIB,
        resources: conversion.report().resources,
        peakHeapMiB,
      },
    )
  }
  const [small = 0, large = 0] = peaksMiB
  rows.push({
    name: 'heap for 2 GiB beyond that for 200 MiB',
    heapGrowthMiB: Math.max(0, large - small),
    limitHeapGrowthMiB: MAX_HEAP_GROWTH_MIB,
  })
  return rows
}

async function timed(act: () => Promise<void>): Promise<number> {
  const from = performance.now()
  await act()
  return performance.now() - from
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1 << 16) yield bytes.subarray(at, at + (1 << 16))
}
