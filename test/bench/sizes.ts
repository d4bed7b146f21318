import { gzipSync } from 'node:zlib'
import type { FhirResource, WindowKind } from '@halo/records'
import { aggregate, deidentify, generateGlucoseCsv, importGlucose, recordBytes } from '@halo/records'
import { measurePacking, sealedSizeOf } from '@halo/vault'
import { VERBOSE_READING, VERBOSE_TEXT } from '../../packages/records/test/verbose-reading.ts'
import type { BenchOptions, Row } from './bench.ts'

/** Metadata with a signed Provenance take about this much. */
const METADATA_BYTES = 1600

/** What paper 001 gives: one reading before and after anonymization, a quarter as JSON and encrypted (base64). */
const PAPER = { rawBytes: 2509, deidentifiedBytes: 857, quarterBytes: 34e6, quarterSealedBytes: 93e6 }

/**
 * Sizes of one reading and of windows of readings, one every 5 minutes: canonical FHIR, gzip, and sealed, as
 * it is and packed, beside those of paper 001, whose quarter has a reading every 10 minutes.
 */
export async function measureSizes({
  onProgress,
}: Pick<BenchOptions, 'onProgress'>): Promise<readonly Row[]> {
  onProgress('sizes: a quarter of readings every 5 minutes')
  const { record } = await importGlucose(new Blob([jitteredCsv()]).stream())
  return [...(await readingRows(await recordBytes(record))), ...(await windowRows(() => record.bytes()))]
}

async function readingRows(record: Uint8Array): Promise<readonly Row[]> {
  const line = record.subarray(0, record.indexOf(0x0a) + 1)
  const rich = new TextEncoder().encode(VERBOSE_TEXT)
  const bare = new TextEncoder().encode(await deidentified(VERBOSE_READING))
  return [
    await rowOf('one reading as a server gives it, with names and narrative', rich, {
      paperRawBytes: PAPER.rawBytes,
    }),
    await rowOf('the same, de-identified', bare, { paperRawBytes: PAPER.deidentifiedBytes }),
    await rowOf('one reading as imported', line),
  ]
}

async function windowRows(open: () => AsyncIterable<Uint8Array>): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const window of ['day', 'week', 'month', 'quarter'] as const) {
    const { name, bytes, count } = await largestWindow(open(), window)
    const paper =
      window === 'quarter'
        ? { paperRawBytes: PAPER.quarterBytes, paperSealedBytes: PAPER.quarterSealedBytes }
        : {}
    rows.push(await rowOf(`${window} ${name}: ${count} readings`, bytes, paper))
  }
  return rows
}

/** Whole windows are the largest; those at both ends may be cut. */
async function largestWindow(source: AsyncIterable<Uint8Array>, window: WindowKind) {
  let largest = { name: '', bytes: new Uint8Array(), count: 0 }
  for await (const { header, bytes } of aggregate(source, { window, isSorted: true, measureGzip: false }))
    if (bytes.length > largest.bytes.length) largest = { name: header.name, bytes, count: header.resources }
  return largest
}

async function rowOf(
  name: string,
  bytes: Uint8Array,
  paper: Readonly<Record<string, number>> = {},
): Promise<Row> {
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes
  }
  const packing = await measurePacking(pieces())
  return {
    name: `sizes: ${name}`,
    rawBytes: bytes.length,
    gzipBytes: gzipSync(bytes).length,
    sealedAsIsBytes: sealedSizeOf(bytes.length, METADATA_BYTES),
    sealedBytes: sealedSizeOf(packing ?? bytes.length, METADATA_BYTES),
    ...paper,
  }
}

async function deidentified(resource: object): Promise<string> {
  let text = ''
  const resources = [resource as FhirResource]
  const secret = new Uint8Array(32).map((_, at) => at + 7)
  for await (const piece of deidentify(() => resources, { profile: 'strict', secret, recipient: 'bench' }))
    text += piece
  return text
}

/**
 * A quarter whose readings come a second or two off the full minute, as sensors' do: exact times would
 * shrink three times better than real ones.
 */
function jitteredCsv(): string {
  let driftSec = 0
  let state = 1
  return generateGlucoseCsv({ days: 90, startDate: '2026-01-01', hasGaps: false }).replace(
    /:(\d\d):00Z/g,
    (_, minute: string) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      driftSec = (driftSec + ((state >>> 16) % 3)) % 60
      return `:${minute}:${String(driftSec).padStart(2, '0')}Z`
    },
  )
}
