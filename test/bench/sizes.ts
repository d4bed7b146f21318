import { gzipSync } from 'node:zlib'
import type { FhirResource, WindowKind } from '@halo/records'
import { aggregate, deidentify, generateGlucoseCsv, importGlucose, recordBytes } from '@halo/records'
import { measurePacking, sealedSizeOf } from '@halo/vault'
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
  const rich = new TextEncoder().encode(JSON.stringify(AS_A_SERVER_GIVES_IT))
  const bare = new TextEncoder().encode(await deidentified(AS_A_SERVER_GIVES_IT))
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
  const secret = new Uint8Array(32).fill(7)
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

/** Made up: what an Observation holds when nobody has left anything out. */
const AS_A_SERVER_GIVES_IT = {
  resourceType: 'Observation',
  id: 'cgm-reading-0001',
  meta: {
    versionId: '1',
    lastUpdated: '2026-01-05T12:00:31Z',
    source: 'https://ehr.example/import/clarity',
    profile: ['http://hl7.org/fhir/uv/cgm/StructureDefinition/cgm-sensor-reading-mass-per-volume'],
  },
  text: {
    status: 'generated',
    div: '<div xmlns="http://www.w3.org/1999/xhtml"><p><b>Glucose</b> of Erika Example (born 1950-01-02, record 123456): 112 mg/dl in interstitial fluid, 5 January 2026 12:00, by sensor SN-4711-0815, uploaded by the practice of Dr. A. Sample</p></div>',
  },
  identifier: [{ system: 'https://ehr.example/observations', value: '123456-20260105120000' }],
  status: 'final',
  category: [
    {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/observation-category',
          code: 'laboratory',
          display: 'Laboratory',
        },
      ],
    },
  ],
  code: {
    coding: [
      {
        system: 'http://loinc.org',
        code: '99504-3',
        display: 'Glucose [Mass/volume] in Interstitial fluid',
      },
    ],
    text: 'Glucose',
  },
  subject: {
    reference: 'Patient/123456',
    identifier: { system: 'https://ehr.example/mrn', value: '123456' },
    display: 'Erika Example',
  },
  effectiveDateTime: '2026-01-05T12:00:00+01:00',
  issued: '2026-01-05T12:00:31.000+01:00',
  performer: [{ reference: 'Practitioner/7', display: 'Dr. A. Sample' }],
  valueQuantity: { value: 112, unit: 'mg/dl', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
  device: { reference: 'Device/4711', display: 'Sensor SN-4711-0815' },
  note: [{ text: 'Before lunch, at home.' }],
}
