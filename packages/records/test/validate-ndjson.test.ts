import type { LineIssues, NdjsonOptions, ValidationReport } from '@halo/records'
import { buildTremorScore, canonicalJson, RecordsError, validateNdjson } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'

const test = suite('records/validate-ndjson')

const GOOD = canonicalJson(
  buildTremorScore(3, { subject: 'Patient/subject-1', effective: '2026-01-31T08:05:00+01:00' }),
)
const BAD = GOOD.replace('"final"', '"nope"')

async function* chunksOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function collect(validation: AsyncIterable<LineIssues>): Promise<readonly LineIssues[]> {
  const lines: LineIssues[] = []
  for await (const line of validation) lines.push(line)
  return lines
}

async function run(
  text: string,
  options: NdjsonOptions = {},
  size = 7,
): Promise<{ readonly lines: readonly LineIssues[]; readonly report: ValidationReport }> {
  const validation = validateNdjson(chunksOf(text, size), options)
  const lines = await collect(validation)
  return { lines, report: validation.report() }
}

test('names the lines with issues, wherever the chunks are cut', async () => {
  await holds(
    fc.asyncProperty(
      fc.array(fc.boolean(), { maxLength: 8 }),
      fc.integer({ min: 1, max: 2000 }),
      async (isGood, size) => {
        const text = isGood.map((good) => `${good ? GOOD : BAD}\n`).join('')
        const { lines, report } = await run(text, {}, size)
        const expected = isGood.flatMap((good, index) => (good ? [] : [index + 1]))
        assert.equal(
          lines.map(({ row }) => row),
          expected,
        )
        assert.is(report.resources, isGood.length)
        assert.is(report.withErrors, expected.length)
      },
    ),
    50,
  )
})

test('passes over empty lines, keeps their numbers, and reads a last line without line feed', async () => {
  const { lines, report } = await run(`\r\n${GOOD}\r\n\n${BAD}`)
  assert.equal(
    lines.map(({ row, resourceType }) => `${row} ${resourceType}`),
    ['4 Observation'],
  )
  assert.equal(report, { resources: 2, withErrors: 1, withWarnings: 0, byType: { Observation: 2 } })
})

test('goes on after a line that is no resource', async () => {
  const { lines, report } = await run(`{"a":1}\nnot json\n[]\n${GOOD}\n`)
  assert.equal(
    lines.map(({ row, resourceType, issues }) => `${row} ${resourceType} ${issues[0]?.code}`),
    ['1 null JSON_MALFORMED', '2 null JSON_MALFORMED', '3 null JSON_MALFORMED'],
  )
  assert.equal(report.byType, { none: 3, Observation: 1 })
})

test('counts a type that is no type under none, whatever it is called', async () => {
  const { lines, report } = await run('{"resourceType":"Anna Muster"}\n')
  assert.is(lines[0]?.issues[0]?.code, 'RESOURCE_UNSUPPORTED')
  assert.equal(report.byType, { none: 1 })
})

test('counts claims of unknown profiles as warnings', async () => {
  const claimed = GOOD.replace(
    '"resourceType"',
    '"meta":{"profile":["https://halo.example/x"]},"resourceType"',
  )
  const { report } = await run(claimed)
  assert.equal([report.withErrors, report.withWarnings], [0, 1])
})

test('refuses a line that is longer than the bound, before it is read whole', async () => {
  let read = 0
  async function* endless(): AsyncGenerator<string> {
    while (true) {
      read += 1
      yield 'x'.repeat(1000)
    }
  }
  const code = await collect(validateNdjson(endless(), { maxLineBytes: 5000 })).then(
    () => 'read',
    (error: unknown) => (error instanceof RecordsError ? error.code : String(error)),
  )
  assert.is(code, 'LINE_TOO_LONG')
  assert.is(read, 6)
})

test('holds a file to a profile that its resources do not claim', async () => {
  const profiles = ['http://hl7.org/fhir/StructureDefinition/heartrate']
  const { lines } = await run(GOOD, { profiles })
  assert.ok(lines[0]?.issues.every(({ code }) => code === 'PROFILE_BROKEN'))
})

test('says no more than the given number of issues', async () => {
  const { lines } = await run('{"resourceType":"Patient","a":1,"b":2,"c":3}\n', { maxIssues: 2 })
  assert.is(lines[0]?.issues.length, 2)
})

test.run()
