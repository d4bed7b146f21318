import { convert, RecordsError } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import type { FitField } from './fit-file.ts'
import { bytesOf, checksum, definitionOf, fitFile, messageOf } from './fit-file.ts'
import {
  attemptChunks,
  convertChunks,
  convertFile,
  findCanaries,
  readSeed,
  refusedFile,
} from './source-files.ts'

const test = suite('records/source-garmin-fit')

/** Written by the encoder of fit-file-parser 6.1.2 and read alike by Garmin's own SDK. */
const SEED = readSeed('garmin-fit.fit')

const CANARIES = ['Zanzibella', 'Quux', '3987654321', '2891', '560101222', '88851234']

const UINT8 = 2
const UINT16 = 0x84
const UINT32 = 0x86
/** 2026-01-31T07:05:00Z in seconds since 1989-12-31T00:00:00Z. */
const NOON = 1_138_777_500

function timeField(sec: number): FitField {
  return [253, UINT32, ...bytesOf(sec, 4)]
}

function heartAt(sec: number, heartRate: number): number[] {
  return messageOf(20, timeField(sec), [3, UINT8, heartRate])
}

function stepsAt(sec: number, sum: number, activity = 6): number[] {
  return messageOf(55, timeField(sec), [3, UINT32, ...bytesOf(sum, 4)], [5, 0, activity])
}

/** Time and value of each line, short. */
function figuresOf(text: string): string[] {
  return [
    ...text.matchAll(/"effective(?:DateTime":"|Period":{"end":")[^T]*T([^"]*)".*?"value":([^}]*)}/g),
  ].map(([, time, value]) => `${time} ${value}`)
}

test('reads what another encoder has written, message by message', async () => {
  const { text, report } = await convertFile('garmin-fit', SEED)
  // The pressures of 07:08:20 are components and have no value of their own.
  assert.equal(figuresOf(text), [
    '07:05:00Z 115',
    '07:05:05Z 121',
    '07:06:00Z 9',
    '07:06:40Z 72.05',
    '07:08:20Z 66',
    '07:11:00Z 71',
    '07:20:00Z 412',
    '07:21:00Z 52',
    '07:21:40Z 97',
    '07:21:40Z 14.50',
  ])
  assert.match(text, /"code":"8480-6".*?"value":121.*"code":"8462-4".*?"value":79/)
  assert.is(report.resources, 11)
  assert.is(report.recordsRead, 21)
})

test('leaves the wearer, the device and the places behind, and counts them', async () => {
  const { text, report } = await convertFile('garmin-fit', SEED)
  assert.equal(findCanaries(text + JSON.stringify(report), CANARIES), [])
  assert.is(report.leftOut['person'], 1)
  assert.is(report.leftOut['device'], 2)
  assert.is(report.leftOut['position'], 3)
  const error = await refusedFile('garmin-fit', SEED.slice(0, 200))
  assert.equal(findCanaries(error.message + error.stack, CANARIES), [])
})

test('gives a heart rate the id that the same activity has as TCX', async () => {
  const fit = await convertFile('garmin-fit', fitFile(heartAt(NOON, 115)))
  const tcx = await convertFile('garmin-tcx', readSeed('garmin-tcx.tcx'))
  assert.is(fit.resources[0]?.['id'], tcx.resources[0]?.['id'])
})

test('gives the same lines again, and for any chunks', async () => {
  const { text } = await convertFile('garmin-fit', SEED)
  await holds(
    fc.asyncProperty(fc.array(fc.nat(SEED.length), { maxLength: 5 }), async (cuts) => {
      const ends = [0, ...cuts.sort((a, b) => a - b), SEED.length]
      const chunks = ends.slice(1).map((end, index) => SEED.slice(ends[index], end))
      assert.is((await convertChunks('garmin-fit', chunks)).text, text)
    }),
    100,
  )
  const single = Array.from(SEED, (byte) => Uint8Array.of(byte))
  assert.is((await convertChunks('garmin-fit', single)).text, text)
})

test('keeps nothing of a buffer that its source fills again', async () => {
  const buffer = new Uint8Array(7)
  async function* refilling(): AsyncGenerator<Uint8Array> {
    for (let from = 0; from < SEED.length; from += buffer.length) {
      const part = SEED.subarray(from, from + buffer.length)
      buffer.set(part)
      yield buffer.subarray(0, part.length)
    }
  }
  let outcome = ''
  try {
    for await (const piece of convert('garmin-fit', refilling())) outcome += piece
  } catch (error) {
    outcome = String(error)
  }
  assert.is(outcome, (await convertFile('garmin-fit', SEED)).text)
})

test('reads numbers with the high byte first', async () => {
  const definition = [0x40, 0, 1, 0, 20, 2, 253, 4, UINT32, 3, 1, UINT8]
  const { text } = await convertFile(
    'garmin-fit',
    fitFile(definition, [0, ...bytesOf(NOON, 4).reverse(), 90]),
  )
  assert.equal(figuresOf(text), ['07:05:00Z 90'])
})

test('adds the seconds of compressed headers to the time before, over its wrap', async () => {
  const full = heartAt(NOON + 30, 90)
  const short = definitionOf(20, [3, UINT8, 0])
  const low = (NOON + 30) % 32
  const headers = [(low + 1) % 32, (low + 20) % 32, (low + 20) % 32, (low + 18) % 32]
  const records = headers.map((offset, index) => [0x80 | offset, 91 + index])
  const { text } = await convertFile('garmin-fit', fitFile(full, short, ...records))
  assert.equal(figuresOf(text), [
    '07:05:30Z 90',
    '07:05:31Z 91',
    '07:05:50Z 92',
    '07:05:50Z 93',
    '07:06:20Z 94',
  ])
})

test('expands 16-bit times over their wrap', async () => {
  const base = 1_138_819_072 - 10
  assert.is((base + 10) % 65_536, 0)
  const full = messageOf(55, timeField(base), [27, UINT8, 60])
  const short = [3, 40].map((after) =>
    messageOf(55, [26, UINT16, ...bytesOf((base + after) % 65_536, 2)], [27, UINT8, 60 + after]),
  )
  const { text } = await convertFile('garmin-fit', fitFile(full, ...short))
  assert.equal(figuresOf(text), ['18:37:42Z 60', '18:37:45Z 63', '18:38:22Z 100'])
})

test('passes over developer fields, arrays and types it does not need', async () => {
  const definition = [0x60, 0, 0, 20, 0, 5, 253, 4, UINT32, 9, 3, 7, 3, 1, UINT8, 8, 8, 0x89, 7, 4, UINT16]
  const developer = [2, 0, 3, 0, 1, 2, 0]
  const data = [0, ...bytesOf(NOON, 4), 65, 66, 0, 95, ...Array(8).fill(7), 1, 2, 3, 4, 9, 9, 9, 9, 9]
  const { text } = await convertFile('garmin-fit', fitFile([...definition, ...developer], data))
  assert.equal(figuresOf(text), ['07:05:00Z 95'])
})

test('reads files that follow one another', async () => {
  const files = [fitFile(heartAt(NOON, 90)), fitFile(heartAt(NOON + 1, 91))]
  const { text } = await convertChunks('garmin-fit', files)
  assert.equal(figuresOf(text), ['07:05:00Z 90', '07:05:01Z 91'])
})

test('forgets definitions from file to file', async () => {
  const file = Uint8Array.from([...fitFile(heartAt(NOON, 90)), ...fitFile([0, ...bytesOf(NOON, 4), 91])])
  assert.is((await refusedFile('garmin-fit', file)).code, 'FRAME_INVALID')
})

test('turns running sums into steps from message to message', async () => {
  const records = [
    stepsAt(NOON, 1000),
    stepsAt(NOON + 10, 5000, 1),
    stepsAt(NOON + 60, 1020),
    stepsAt(NOON + 120, 1020),
    stepsAt(NOON + 180, 30),
    stepsAt(NOON + 190, 5100, 1),
    stepsAt(NOON + 200, 7, 2),
  ]
  const { text, report } = await convertFile('garmin-fit', fitFile(...records))
  assert.equal(figuresOf(text), ['07:06:00Z 20', '07:07:00Z 0', '07:08:00Z 30', '07:08:10Z 100'])
  assert.equal(report.leftOut, { 'cycles-of-other-activities': 1, 'steps-base': 2 })
  assert.is(report.notes.find(({ rule }) => rule === 'steps-restart')?.count, 1)
})

test('leaves out and counts what has no value, no time, or one that no person has', async () => {
  const good = heartAt(NOON, 90)
  const cases: readonly (readonly [number[], string])[] = [
    [heartAt(NOON + 1, 255), 'without-heart-rate'],
    [heartAt(NOON + 1, 0), 'value-implausible'],
    [heartAt(0xffff_ffff, 90), 'time-missing'],
    [heartAt(5000, 90), 'time-relative'],
    [messageOf(20, [3, UINT8, 90]), 'time-missing'],
    [messageOf(30, timeField(NOON), [0, UINT16, 0xff, 0xff]), 'without-body-weight'],
    [messageOf(51, timeField(NOON), [0, UINT16, 80, 0], [1, UINT16, 120, 0]), 'blood-pressure-implausible'],
    [messageOf(51, timeField(NOON), [0, UINT16, 120, 0]), 'without-blood-pressure'],
    [messageOf(297, timeField(NOON), [0, 0x83, ...bytesOf(65_436, 2)]), 'value-implausible'],
    [
      messageOf(18, timeField(NOON - 5), [2, UINT32, ...bytesOf(NOON, 4)], [11, UINT16, 9, 0]),
      'time-reversed',
    ],
    [messageOf(0xff00, timeField(NOON)), 'other-messages'],
  ]
  for (const [record, rule] of cases) {
    const { report } = await convertFile('garmin-fit', fitFile(good, record))
    assert.equal([report.resources, report.leftOut], [1, { [rule]: 1 }], rule)
  }
})

test('computes the checksum that others do', () => {
  assert.is(checksum([...'123456789'].map((digit) => digit.charCodeAt(0))), 0xbb3d)
})

test('refuses a file of which any byte was changed', async () => {
  let silent = 0
  await holds(
    fc.asyncProperty(fc.nat(SEED.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bytes = SEED.slice()
      bytes[at] = (bytes[at] ?? 0) ^ flip
      // A header checksum of 0 means that there is none, and the file's checksum covers the header too.
      const error = await refusedFile('garmin-fit', bytes)
      assert.ok(['FRAME_INVALID', 'FORMAT_UNKNOWN'].includes(error.code), error.code)
      silent += 1
    }),
    300,
  )
  assert.is(silent, 300)
})

test('refuses what is cut off, is no FIT file, or lies about its lengths', async () => {
  const good = fitFile(heartAt(NOON, 90))
  const cases: readonly (readonly [Uint8Array | string, string])[] = [
    [new Uint8Array(0), 'FILE_EMPTY'],
    ['.FIT', 'FORMAT_UNKNOWN'],
    [Uint8Array.of(14, 16), 'FORMAT_UNKNOWN'],
    [new TextEncoder().encode('PK\u0003\u0004 some archive of files'), 'FORMAT_UNKNOWN'],
    [good.slice(0, 13), 'FRAME_INVALID'],
    [good.slice(0, -1), 'FRAME_INVALID'],
    [Uint8Array.from([...good, 1]), 'FRAME_INVALID'],
    [fitFile([0, 1, 2]), 'FRAME_INVALID'],
    [fitFile([0x40, 0, 0, 20, 0, 200, 253, 4]), 'FRAME_INVALID'],
    [fitFile([...definitionOf(20, timeField(NOON)), 0, 1]), 'FRAME_INVALID'],
    [fitFile(), 'NO_READINGS'],
    [fitFile(messageOf(0, [3, 0x8c, 1, 2, 3, 4])), 'NO_READINGS'],
  ]
  for (const [file, code] of cases)
    assert.is((await refusedFile('garmin-fit', file)).code, code, String(file).slice(0, 60))
})

test('ends any records under a right checksum with lines or a RecordsError', async () => {
  let converted = 0
  await holds(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 4 }),
      fc.boolean(),
      async (parts, isLed) => {
        const records = parts.map((part) => [...part])
        const file = fitFile(...(isLed ? [heartAt(NOON, 90)] : []), ...records)
        if (!((await attemptChunks('garmin-fit', [file])) instanceof RecordsError)) converted += 1
      },
    ),
    500,
  )
  assert.ok(converted > 0)
})

test('stops when asked to, even while the source is silent', async () => {
  const stop = new AbortController()
  async function* silent(): AsyncGenerator<Uint8Array> {
    yield SEED.slice(0, 30)
    stop.abort(new Error('enough'))
    await new Promise(() => undefined)
  }
  let message = ''
  try {
    for await (const _ of convert('garmin-fit', silent(), { signal: stop.signal }));
  } catch (error) {
    message = error instanceof Error ? error.message : ''
  }
  assert.is(message, 'enough')
})

test.run()
