import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assertPlain, openPlace } from './halo-command.ts'

const test = suite('story/data-files')

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url))

/** Subject, instant and value of one reading; the value as the text in the file. */
type Reading = readonly [subject: number, timeMs: number, value: string]

/** Registers a test on a data file, or says by name that the file is not there. */
function testFile(title: string, file: string, act: (path: string) => Promise<void>): void {
  if (existsSync(join(DATA, file))) test(title, () => act(join(DATA, file)))
  else process.stdout.write(`SKIP story/data-files: ${title}: ../shared/data/${file} is not there\n`)
}

function sorted(readings: readonly Reading[]): readonly Reading[] {
  return readings.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
}

async function readPlain(path: string): Promise<readonly Reading[]> {
  const [, ...lines] = (await readFile(path, 'utf8')).trim().split(/\r?\n/)
  const ids = [...new Set(lines.map((line) => line.split(',')[0] ?? ''))]
  return lines.map((line) => {
    const [id = '', time = '', value = ''] = line.split(',')
    return [ids.indexOf(id) + 1, Date.parse(time), value]
  })
}

async function readDelivered(path: string): Promise<readonly Reading[]> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  return lines.map((line) => {
    const { subject, effectiveDateTime } = JSON.parse(line)
    const value = /"value":([0-9.]+)\}/.exec(line)?.[1] ?? ''
    return [Number(subject.reference.replace('Patient/subject-', '')), Date.parse(effectiveDateTime), value]
  })
}

async function deliver(path: string, ...args: readonly string[]): Promise<readonly Reading[]> {
  await using place = await openPlace()
  const out = place.path('out')
  const { code, value } = await place.json('dev', '--once', '--file', path, '--out', out, ...args)
  assert.is(code, 0)
  assert.equal(value.verified, { hash: true, signature: true, anchor: true })
  const delivered = await readDelivered(join(out, 'delivered.ndjson'))
  assert.is(delivered.length, value.readings)
  return delivered
}

testFile(
  'delivers every reading of one subject with its exact value and time',
  'cgm_iglu/example_data_1_subject.csv',
  async (path) => {
    const stored = await readPlain(path)
    assert.equal(await deliver(path), sorted(stored))
  },
)

testFile(
  'delivers all 13 866 readings of five subjects, each subject kept apart',
  'cgm_iglu/example_data_5_subject.csv',
  async (path) => {
    const stored = await readPlain(path)
    assert.is(stored.length, 13_866)
    assert.equal(await deliver(path), sorted(stored))
  },
)

testFile(
  'delivers every reading of a Clarity export, and leaves the patient’s name nowhere',
  'cgm_clarity_sample/clarity_g6_test_file.csv',
  async (path) => {
    const text = await readFile(path, 'utf8')
    const rows = text.split(/\r?\n/).map((line) => line.split(','))
    const stored = rows
      .filter((cells) => cells[2] === 'EGV')
      .map((cells): Reading => [1, Date.parse(`${cells[1]}+02:00`), cells[7] ?? ''])
    assert.ok(stored.length > 1000 && text.includes('Schmoe'))
    await using place = await openPlace()
    const [out, data] = [place.path('out'), place.path('data')]
    const args = ['--file', path, '--tz', '+02:00', '--out', out, '--data', data]
    const ended = await place.halo('dev', '--once', ...args)
    assert.is(ended.code, 0, ended.stderr)
    assertPlain(ended)
    assert.equal(await readDelivered(join(out, 'delivered.ndjson')), sorted(stored))
    assert.not.match(ended.stdout + ended.stderr, /Schmoe|1\/1\/1970/)
    const files = await readdir(place.dir, { recursive: true, withFileTypes: true })
    const kept = files.filter((entry) => entry.isFile())
    assert.ok(kept.some((entry) => entry.name === 'node.log') && kept.length > 30)
    for (const { parentPath, name } of kept)
      assert.not.ok((await readFile(join(parentPath, name))).includes('Schmoe'), name)
  },
)

test.run()
