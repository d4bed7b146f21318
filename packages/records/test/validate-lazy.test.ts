import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { buildTremorScore } from '@halo/records'
import { build } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('records/validate-lazy')

const ENTRY = fileURLToPath(new URL('../src/fhir/open-validator.ts', import.meta.url))
/** Somewhere in the definitions, and nowhere else. */
const DEFINITIONS = 'http://hl7.org/fhir/ValueSet/udi-entry-type'

test('a program in a browser loads the definitions only when it validates, and then at most 64 kB', async () => {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@halo/source'],
    outdir: '/out',
    write: false,
  })
  const entry = outputFiles.find(({ path }) => path.endsWith('open-validator.js'))
  const later = outputFiles.filter((file) => file !== entry && file.text.includes(DEFINITIONS))
  assert.ok(entry !== undefined && entry.contents.length < 1000)
  assert.is(later.length, 1)
  const sizes = outputFiles.map(({ contents }) => gzipSync(contents, { level: 9 }).length)
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 64 * 1024)
})

test('what a bundler leaves of it still knows the rules', async () => {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@halo/source'],
    write: false,
  })
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')
  const { openValidator } = (await import(
    `data:text/javascript;base64,${code}`
  )) as typeof import('@halo/records')
  const validate = await openValidator()
  const score = buildTremorScore(3, { subject: 'Patient/a', effective: '2026-01-01' })
  assert.equal(validate(score), [])
  const broken = validate({ ...score, dataAbsentReason: { text: 'a' } })
  assert.is(broken.map(({ foundBy, message }) => `${foundBy} ${message.slice(0, 5)}`).join(), 'medplum obs-6')
})

test.run()
