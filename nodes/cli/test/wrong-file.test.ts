import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assertPlain, openPlace, type Place } from '../../../test/story/halo-command.ts'
import { startTestChain } from '../../../test/story/test-chain.ts'

const test = suite('cli/wrong-file')

const HEADER = 'id,time,gl\n'
const rows = (...lines: readonly string[]): string => `${HEADER}${lines.join('\n')}\n`
const CANARY = 'Canaria McPatient'

interface Wrong {
  readonly name: string
  readonly content: string | Uint8Array
  readonly args?: readonly string[]
  readonly code: string
  /** What the message has to name: the place, and the remedy. */
  readonly says: RegExp
}

const WRONG: readonly Wrong[] = [
  { name: 'empty', content: '', code: 'FILE_EMPTY', says: /empty.*export again/ },
  { name: 'header-only', content: HEADER, code: 'NO_READINGS', says: /no glucose readings.*Export/ },
  {
    name: 'binary',
    content: Uint8Array.from({ length: 4096 }, (_, at) => (at * 7) % 256),
    code: 'FORMAT_UNKNOWN',
    says: /CSV/,
  },
  {
    name: 'zip',
    content: Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 8, 8, 0xff, 0xfe),
    code: 'FORMAT_UNKNOWN',
    says: /CSV/,
  },
  {
    name: 'prose',
    content: `Dear ${CANARY},\nplease find enclosed.\n`,
    code: 'FORMAT_UNKNOWN',
    says: /id,time,gl/,
  },
  {
    name: 'long-line',
    content: `${HEADER}${'a'.repeat(5 << 20)},2026-01-05T00:00:00Z,100\n`,
    code: 'LINE_TOO_LONG',
    says: /Row 2.*right file/,
  },
  {
    name: 'unit-of-header',
    content: 'Timestamp,Event Type,Glucose Value (furlongs)\n2026-01-05T00:00:00,EGV,100\n',
    code: 'UNIT_UNKNOWN',
    says: /Column 3.*mg\/dL.*export/,
  },
  {
    name: 'unit-against-header',
    content: 'Timestamp,Event Type,Glucose Value (mg/dL)\n2026-01-05T00:00:00,EGV,100\n',
    args: ['--unit', 'mmol/L'],
    code: 'UNIT_SUSPECT',
    says: /--unit/,
  },
  {
    name: 'looks-like-mmol',
    content: rows(
      ...Array.from(
        { length: 30 },
        (_, at) => `a,2026-01-05T00:${String(at).padStart(2, '0')}:00Z,${5 + (at % 5) / 10}`,
      ),
    ),
    code: 'UNIT_SUSPECT',
    says: /mmol\/L.*--unit/,
  },
  {
    name: 'implausible',
    content: rows('a,2026-01-05T00:00:00Z,100', 'a,2026-01-05T00:05:00Z,90000'),
    code: 'VALUE_IMPLAUSIBLE',
    says: /Row 3.*--unit/,
  },
  {
    name: 'value',
    content: rows(`${CANARY},2026-01-05T00:00:00Z,a lot`),
    code: 'VALUE_INVALID',
    says: /Row 2.*Correct/,
  },
  {
    name: 'time',
    content: rows(`${CANARY},05.01.2026 00:00,100`),
    code: 'TIME_INVALID',
    says: /Row 2.*Correct/,
  },
  {
    name: 'conflict',
    content: rows(`${CANARY},2026-01-05T00:00:00Z,100`, `${CANARY},2026-01-05T00:00:00Z,101`),
    code: 'READING_CONFLICT',
    says: /Rows 2 and 3.*Delete/,
  },
  {
    name: 'quotes',
    content: rows('"a,2026-01-05T00:00:00Z,100'),
    code: 'ROW_MALFORMED',
    says: /Row 2.*Correct/,
  },
  {
    name: 'decimal-comma',
    content: rows('a,2026-01-05T00:00:00Z,5,4'),
    code: 'ROW_MALFORMED',
    says: /decimal point/,
  },
  {
    name: 'spring-gap',
    content: rows('a,2026-03-29T02:30:00,100'),
    args: ['--tz', 'Europe/Rome'],
    code: 'TIME_NOT_IN_ZONE',
    says: /Row 2.*--tz/,
  },
  {
    name: 'zone',
    content: rows('a,2026-03-29T02:30:00,100'),
    args: ['--tz', 'Europe/Atlantis'],
    code: 'TIME_ZONE_UNKNOWN',
    says: /--tz/,
  },
]

async function assertRefused(
  place: Place,
  { name, args = [], code, says }: Omit<Wrong, 'content'>,
  file: string,
): Promise<void> {
  const ended = await place.halo('wallet', 'import', file, ...args, '--data', place.path('wallet'))
  assert.is(ended.code, 3, `${name}: ${ended.stderr}`)
  assert.is(ended.stdout, '', name)
  assert.match(ended.stderr, says, name)
  assert.match(ended.stderr, `(${code})\n`)
  assert.not.match(ended.stderr, new RegExp(CANARY))
  assertPlain(ended)
}

test('says what is wrong with a file and what to do, and keeps nothing of it', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 2)
  const wallet = ['--data', place.path('wallet')]
  await place.json('wallet', 'init', ...wallet, ...chain.options, '--words-out', place.path('words'))
  const before = await readdir(place.path('wallet'))
  for (const wrong of WRONG) {
    await writeFile(place.path(`${wrong.name}.csv`), wrong.content)
    await assertRefused(place, wrong, place.path(`${wrong.name}.csv`))
  }
  assert.equal(await readdir(place.path('wallet')), before)
  const { value } = await place.json('wallet', 'list', ...wallet)
  assert.equal(value, { waiting: [], published: [] })
})

test('tells a missing file, a directory and a file without rights apart from a bad one', async () => {
  await using place = await openPlace()
  await mkdir(place.path('dir.csv'))
  const asked = { name: 'path', code: 'FILE_UNREADABLE' }
  await assertRefused(
    place,
    { ...asked, says: /none\.csv cannot be read\. Check its name/ },
    place.path('none.csv'),
  )
  await assertRefused(place, { ...asked, says: /dir\.csv is not a file/ }, place.path('dir.csv'))
  await assertRefused(place, { ...asked, says: /is not a file|cannot be read/ }, '/dev/null')
  if (process.getuid?.() === 0) return
  await writeFile(place.path('closed.csv'), rows('a,2026-01-05T00:00:00Z,100'))
  await chmod(place.path('closed.csv'), 0)
  await assertRefused(place, { ...asked, says: /closed\.csv cannot be read/ }, place.path('closed.csv'))
})

test('takes what can be read exactly, and says what it did with the rest', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 2)
  const wallet = ['--data', place.path('wallet')]
  await place.json('wallet', 'init', ...wallet, ...chain.options, '--words-out', place.path('words'))
  const take = async (name: string, content: string, ...args: readonly string[]): Promise<string> => {
    await writeFile(place.path(name), content)
    const ended = await place.halo('wallet', 'import', place.path(name), ...args, ...wallet)
    assert.is(ended.code, 0, ended.stderr)
    assertPlain(ended)
    return ended.stdout + ended.stderr
  }
  const twice = await take(
    'twice.csv',
    rows('a,2026-01-05T00:05:00Z,110', 'a,2026-01-05T00:00:00Z,100', 'a,2026-01-05T00:05:00Z,110'),
  )
  assert.match(twice, /Imported 2 readings/)
  assert.match(twice, /rows that repeat another, counted once: 1\n/)
  assert.match(twice, /rows out of order, sorted: 1\n/)
  const autumn = rows(
    'a,2026-10-25T01:55:00,100',
    'a,2026-10-25T02:55:00,101',
    'a,2026-10-25T02:00:00,102',
    'a,2026-10-25T02:55:00,103',
    'a,2026-10-25T03:00:00,104',
  )
  assert.match(
    await take('autumn.csv', autumn, '--tz', 'Europe/Rome'),
    /times in the repeated autumn hour, .*: 3\n/,
  )
  assert.match(
    await take('bounds.csv', rows('a,2026-01-05T00:00:00Z,Low', 'a,2026-01-05T00:05:00Z,High')),
    /Imported 2 readings/,
  )
  assert.match(
    await take('local.csv', rows('a,2026-01-05T00:00:00,100')),
    /this machine's zone; --tz changes that/,
  )
  assert.match(
    await take('again.csv', rows('a,2026-01-05T00:00:00Z,100', 'a,2026-01-05T00:05:00Z,110')),
    /was imported before/,
  )
  const { value } = await place.json('wallet', 'list', ...wallet)
  assert.is(value.waiting.length, 4)
})

test.run()
