import type { Window, WindowHeader } from '@halo/records'
import {
  aggregate,
  canonicalJson,
  generateGlucoseCsv,
  importGlucose,
  RecordsError,
  verifyWindows,
} from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('records/aggregate-verify')

async function makeWindows(window: 'day' | 'real-time' = 'day', days = 6): Promise<Window[]> {
  const { record } = await importGlucose(new Blob([generateGlucoseCsv({ days, intervalMin: 60 })]).stream())
  const windows: Window[] = []
  const options = { window, timeZone: 'Europe/Rome', isSorted: true, measureGzip: false } as const
  for await (const made of aggregate(record.bytes(), options)) windows.push(made)
  return windows
}

async function problemOf(
  windows: readonly Pick<Window, 'header' | 'bytes'>[],
  head?: string,
): Promise<string> {
  try {
    await verifyWindows(windows, { head })
  } catch (error) {
    if (!(error instanceof RecordsError) || error.code !== 'WINDOW_INVALID') throw error
    return `${error.details['sequence']}: ${error.message}`
  }
  return 'none'
}

/** The window at a place with some of its header's fields replaced. */
function withHeader(windows: readonly Window[], at: number, fields: Partial<WindowHeader>): Window[] {
  return windows.map((window, index) =>
    index === at ? { ...window, header: { ...window.header, ...fields } } : window,
  )
}

test('accepts a whole set, of days and of single instants, after a trip through JSON', async () => {
  for (const kind of ['day', 'real-time'] as const) {
    const windows = await makeWindows(kind, 2)
    const stored = windows.map(({ header, bytes }) => ({
      header: JSON.parse(JSON.stringify(header)) as WindowHeader,
      bytes,
    }))
    const { windows: count, head } = await verifyWindows(stored)
    assert.is(count, windows.length)
    assert.match(head ?? '', /^[0-9a-f]{64}$/)
    assert.is(await problemOf(stored, head ?? ''), 'none')
  }
})

test('names the window that is missing, at the start, in the middle, and at the end where the head is known', async () => {
  const windows = await makeWindows()
  const { head } = await verifyWindows(windows)
  assert.match(await problemOf(windows.slice(1)), /^0: .*missing/)
  assert.match(await problemOf(windows.toSpliced(3, 1)), /^3: .*missing/)
  assert.match(
    await problemOf(windows.slice(0, -1), head ?? ''),
    new RegExp(`^${windows.length - 1}: .*missing`),
  )
  assert.match(await problemOf([], head ?? ''), /^0: .*missing/)
})

test('cannot tell a set that was cut at its end without the head', async () => {
  const windows = await makeWindows()
  assert.is(await problemOf(windows.slice(0, -1)), 'none')
})

test('names a window that is repeated or out of order', async () => {
  const windows = await makeWindows()
  const [zero, one, two] = windows as [Window, Window, Window]
  assert.match(await problemOf([zero, one, one, two]), /^2: .*there before/)
  assert.match(await problemOf([zero, two, one]), /^1: .*comes later/)
})

test('names a window of another set', async () => {
  const windows = await makeWindows('day', 6)
  const others = await makeWindows('day', 8)
  const foreign = others.map((window) => ({ ...window }))
  const mixed = windows.map((window, at) => (at === 3 ? (foreign[3] as Window) : window))
  assert.is(await problemOf(mixed), 'none', 'the first days of both sets are the same')
  const altered = withHeader(others, 1, { duplicates: 1 })
  assert.match(await problemOf([...windows.slice(0, 1), ...altered.slice(1)]), /^2: .*follow/)
})

test('names a window whose bytes were altered, cut, or lengthened', async () => {
  const windows = await makeWindows()
  const change = (bytes: Uint8Array<ArrayBuffer>): Window[] =>
    windows.map((window, at) => (at === 2 ? { ...window, bytes } : window))
  const bytes = windows[2]?.bytes ?? new Uint8Array()
  const flipped = new Uint8Array(bytes)
  flipped[100] = (flipped[100] ?? 0) ^ 1
  for (const wrong of [flipped, bytes.slice(0, -1), new Uint8Array([...bytes, 10]), new Uint8Array()])
    assert.match(await problemOf(change(wrong)), /^2: .*altered/)
})

test('finds every statement of a header that its bytes do not bear out, even when the chain is made anew', async () => {
  const windows = (await makeWindows()).slice(0, 3)
  const last = windows.length - 1
  const { header } = windows[last] as Window
  const [series] = header.series
  const lies: readonly Partial<WindowHeader>[] = [
    { version: 2 as 1 },
    { window: 'week' },
    { name: '2026-01-01' },
    { timeZone: 'UTC' },
    { start: header.end },
    { end: header.start },
    { subject: 'Patient/other' },
    { resources: header.resources + 1 },
    { conflicts: 2 },
    { duplicates: -1 },
    { duplicates: Number.NaN },
    { first: header.last },
    { last: header.first },
    { series: [] },
    { series: [{ ...series, gaps: [{ from: header.first, to: header.last }] } as never] },
    { series: [{ ...series, expected: 1 } as never] },
    { more: true } as never,
  ]
  for (const lie of lies)
    assert.match(
      await problemOf(withHeader(windows, last, lie)),
      new RegExp(`^${last}: `),
      JSON.stringify(lie),
    )
})

test('refuses headers that are none', async () => {
  const [window] = (await makeWindows()) as [Window]
  const unprintable = { toString: 1, valueOf: 1 }
  const nones: readonly unknown[] = [
    ...[null, 7, 'header', [], {}, { sequence: 'x' }, { sequence: unprintable }, { sequence: 0.5 }],
    ...[
      { sequence: 0, previous: null },
      { sequence: 0, previous: null, window: unprintable },
    ],
    { ...window.header, rawBytes: unprintable },
    { ...window.header, timeZone: unprintable },
  ]
  for (const header of nones)
    assert.match(await problemOf([{ bytes: window.bytes, header: header as WindowHeader }]), /^0: /)
})

test('refuses windows that hold what belongs elsewhere, or something twice, however their headers agree', async () => {
  const [zero, one] = (await makeWindows()) as [Window, Window]
  const joined = new Uint8Array([...zero.bytes, ...one.bytes])
  const twice = new Uint8Array([...zero.bytes, ...zero.bytes])
  const resources = zero.header.resources + one.header.resources
  const series = zero.header.series.map((only) => ({ ...only, count: resources }))
  const both = { ...zero.header, resources, series, last: one.header.last }
  for (const [bytes, fields, problem] of [
    [joined, both, /^0: .*another window/],
    [twice, zero.header, /^0: .*not so/],
  ] as const) {
    const header = { ...fields, rawBytes: bytes.length, sha256: await hashOf(bytes) }
    assert.match(await problemOf([{ header, bytes }]), problem)
  }
})

test('refuses windows that go back in time, even when the chain is made anew', async () => {
  const lines = ['05', '06'].map((day) => {
    const code = { coding: [{ code: day }] }
    return `${JSON.stringify({ resourceType: 'Observation', code, effectiveDateTime: `2026-01-${day}T12:00:00Z` })}\n`
  })
  const made: Window[] = []
  for await (const window of aggregate(new Blob(lines).stream(), { window: 'day' })) made.push(window)
  assert.is(await problemOf(made), 'none')
  const [early, late] = made as [Window, Window]
  const first = { ...late.header, sequence: 0, previous: null }
  const previous = await hashOf(new TextEncoder().encode(canonicalJson(first)))
  const second = { ...early.header, sequence: 1, previous }
  const turned = [
    { header: first, bytes: late.bytes },
    { header: second, bytes: early.bytes },
  ]
  assert.match(await problemOf(turned), /^1: .*not later/)
})

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

test.run()
