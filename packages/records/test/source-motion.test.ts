import { createReadStream } from 'node:fs'
import type { MotionTrace, SourceOptions } from '@halo/records'
import { readForcePlate, readMotion } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { chunksOf, refusalOf } from './import-text.ts'
import { declareSkip, findShared } from './shared-data.ts'
import { readSeed } from './source-files.ts'
import { survive } from './survive.ts'

const test = suite('records/source-motion')

const G: SourceOptions = { unit: 'g' }
const CM: SourceOptions = { unit: 'cm' }

function read(file: string, options: SourceOptions = {}): Promise<MotionTrace> {
  return readMotion(chunksOf(file), options)
}

async function refused(file: string | Uint8Array, options: SourceOptions = {}): Promise<string> {
  return (await refusalOf(readMotion(chunksOf(file), options))).code
}

async function refusedPlate(file: string, options: SourceOptions = {}): Promise<string> {
  return (await refusalOf(readForcePlate(chunksOf(file), options))).code
}

function rulesOf({ notes }: { readonly notes: readonly { readonly rule: string }[] }): string[] {
  return notes.map(({ rule }) => rule)
}

/** A file of a time and three axes, its times as given. */
function fileOf(header: string, times: readonly string[]): string {
  return `${header}\n${times.map((time, at) => `${time},${at},0,-1`).join('\n')}\n`
}

test('acceleration and gravity in columns of their own are added up, and gravity tells the unit', async () => {
  const trace = await read(
    'timestamp,gravity_x,gravity_y,gravity_z,userAcceleration_x,userAcceleration_y,userAcceleration_z\n' +
      '0.00,0.1,-0.99,0.05,0.2,0,1e-3\n0.01,0.1,-0.99,0.05,-0.2,.5,0\n',
  )
  assert.equal([...trace.x], [0.3, -0.1])
  assert.equal([...trace.y], [-0.99, -0.49])
  assert.equal([...trace.z], [0.051, 0.05])
  assert.equal([...(trace.gravity?.y ?? [])], [-0.99, -0.99])
  assert.equal([trace.unit, trace.includesGravity, trace.start], ['g', true, null])
  assert.equal(rulesOf(trace), ['unit-from-gravity', 'time-unit-inferred'])
})

test('of axes said thrice those apart are taken, as only they say what gravity is', async () => {
  const trace = await read(
    't_s,x,y,z,gravityX,gravityY,gravityZ,userAccelerationX,userAccelerationY,userAccelerationZ\n' +
      '0,5,5,5,0,0,-1,0.5,0,0\n',
  )
  assert.equal([trace.includesGravity, ...trace.x, ...trace.z], [true, 0.5, -1])
})

test('headers of phones and apps name time, axes and unit', async () => {
  const known: readonly (readonly [header: string, unit: string, includesGravity: boolean | null])[] = [
    ['Time (s),Acceleration x (m/s^2),Acceleration y (m/s^2),Acceleration z (m/s^2)', 'm/s2', null],
    [
      '"Time (s)","Linear Acceleration x (m/s²)","Linear Acceleration y (m/s²)","Linear Acceleration z (m/s²)"',
      'm/s2',
      false,
    ],
    ['time_s,gFx,gFy,gFz', 'g', true],
    [
      'accelerometerTimestamp_sinceReboot(s),accelerometerAccelerationX(G),accelerometerAccelerationY(G),accelerometerAccelerationZ(G)',
      'g',
      null,
    ],
    ['seconds_elapsed,x_g,y_g,z_g', 'g', null],
    ['t (s),accX [m/s2],accY [m/s2],accZ [m/s2]', 'm/s2', null],
  ]
  for (const [header, unit, includesGravity] of known) {
    const trace = await read(fileOf(header, ['0', '0.5', '1']))
    assert.equal([trace.unit, trace.includesGravity], [unit, includesGravity], header)
    assert.equal([...trace.timesSec, ...trace.x], [0, 0.5, 1, 0, 1, 2], header)
    assert.equal(rulesOf(trace), [])
  }
})

test('times in s, ms, µs and ns are told by the header, or by the only step that a sensor can have', async () => {
  for (const [header, step] of [
    ['t', 0.04],
    ['t', 40],
    ['timestamp', 40_000],
    ['time', 40_000_000],
    ['timestamp_ms', 40],
    ['timestampMs', 40],
    ['time [ns]', 40_000_000],
  ] as const) {
    const trace = await read(
      fileOf(
        `${header},x,y,z`,
        [0, 1, 2, 3].map((n) => String(7 * step + n * step)),
      ),
      G,
    )
    assert.ok(Math.abs((trace.timesSec[3] ?? 0) - 0.12) < 1e-9, `${header} ${step}`)
    assert.equal(
      rulesOf(trace),
      header.length > 9 || header.includes('[') ? [] : ['time-unit-inferred'],
      header,
    )
  }
})

test('times that fit no sensor in any unit are asked for', async () => {
  assert.is(await refused(fileOf('t,x,y,z', ['0', '0.5', '1']), G), 'UNIT_NEEDED')
  assert.is(await refused(fileOf('t,x,y,z', ['3']), G), 'UNIT_NEEDED')
  assert.is(await refused(fileOf('t (min),x,y,z', ['0', '1']), G), 'UNIT_UNKNOWN')
})

test('times since 1970 say when the recording began, in any unit', async () => {
  for (const [header, first, second] of [
    ['time_s', '1769846700.25', '1769846700.29'],
    ['time_ms', '1769846700250', '1769846700290'],
    ['timestamp', '1769846700250000000', '1769846700290000000'],
  ] as const) {
    const trace = await read(fileOf(`${header},x,y,z`, [first, second]), G)
    assert.is(trace.start, '2026-01-31T08:05:00.250Z')
    assert.ok(Math.abs((trace.timesSec[1] ?? 0) - 0.04) < 1e-6)
  }
  const local = await read(fileOf('time_s,x,y,z', ['1769846700', '1769846701']), {
    ...G,
    timeZone: 'Europe/Rome',
  })
  assert.is(local.start, '2026-01-31T09:05:00+01:00')
})

test('written times keep their offset and digits finer than a millisecond; without zone the start is open', async () => {
  const written = await read(
    fileOf('timestamp,x,y,z', ['2026-01-31T09:05:00.0001+01:00', '2026-01-31T09:05:00.0404+01:00']),
    G,
  )
  assert.is(written.start, '2026-01-31T09:05:00+01:00')
  assert.ok(Math.abs((written.timesSec[1] ?? 0) - 0.0403) < 1e-6)
  const wall = fileOf('timestamp,x,y,z', ['2026-10-25 02:59:59.980', '2026-10-25 02:00:00.020'])
  assert.is(await refused(wall, G), 'TIME_INVALID')
  const rome = await read(wall, { ...G, timeZone: 'Europe/Rome' })
  assert.is(rome.start, '2026-10-25T02:59:59.980+02:00')
  assert.ok(Math.abs((rome.timesSec[1] ?? 0) - 0.04) < 1e-6)
})

test('samples without times follow each other at the given rate, around those that are missing', async () => {
  const trace = await read('x,y,z\n1,0,0\n2,,0\n3,0,NaN\n4,0,0\n', { unit: 'm/s2', rateHz: 50 })
  assert.equal([...trace.timesSec], [0, 0.06])
  assert.equal(
    trace.notes.map(({ rule, count, firstAt }) => [rule, count, firstAt]),
    [['value-missing', 2, 3]],
  )
  assert.is(await refused('x,y,z\n1,0,0\n', G), 'RATE_NEEDED')
})

test('rows that repeat the one before are left out and counted; equal times with other values stay', async () => {
  const trace = await read('t_s,x,y,z\n0,1,0,0\n0,1,0,0\n0,2,0,0\n0.04,2,0,0\n', G)
  assert.equal([...trace.x], [1, 2, 2])
  assert.is(trace.duplicates, 1)
})

test('the unit is asked for where neither header nor gravity tells it, and may not contradict them', async () => {
  const plain = 't_s,x,y,z\n0,0,0,1\n1,0,0,1\n'
  assert.is(await refused(plain), 'UNIT_NEEDED')
  assert.is((await read(plain, { unit: 'm/s2' })).unit, 'm/s2')
  assert.is(await refused(plain, { unit: 'mg' }), 'OPTION_INVALID')
  assert.is(await refused('t_s,x_g,y_g,z_g\n0,0,0,1\n', { unit: 'm/s2' }), 'UNIT_SUSPECT')
  assert.is(await refused('t_s,x_g,y_g,z_mm\n0,0,0,1\n'), 'UNIT_UNKNOWN')
  assert.is(await refused('t_s,x (mg),y (mg),z (mg)\n0,0,0,1\n'), 'UNIT_UNKNOWN')
  const apart =
    't_s,gravityX,gravityY,gravityZ,userAccelerationX,userAccelerationY,userAccelerationZ\n0,0,0,9.81,0,0,0\n'
  assert.is((await read(apart)).unit, 'm/s2')
  assert.is(await refused(apart, G), 'UNIT_SUSPECT')
})

test('files that are none of these, or broken, are refused by row', async () => {
  const head = 't_s,x,y,z\n'
  assert.is(await refused(''), 'FILE_EMPTY')
  assert.is(await refused(head, G), 'NO_READINGS')
  assert.is(await refused('a,b\n1,2\n', G), 'FORMAT_UNKNOWN')
  assert.is(await refused('t,x,y,z,x\n', G), 'FORMAT_UNKNOWN')
  assert.is(await refused(`${head}0;1;2;3\n`, G), 'TIME_INVALID')
  assert.is(await refused(`${head}0,one,0,0\n`, G), 'VALUE_INVALID')
  assert.is(await refused(`${head}0,Infinity,0,0\n`, G), 'VALUE_INVALID')
  assert.is(await refused(`${head}0,1e9,0,0\n`, G), 'VALUE_IMPLAUSIBLE')
  assert.is(await refused(`${head}1,0,0,0\n0,0,0,0\n`, G), 'TIME_INVALID')
  assert.is(await refused(`${head}1,0,0,0\n,0,0,0\n`, G), 'TIME_INVALID')
  assert.is(await refused(`${head}"1,0,0,0\n`, G), 'ROW_MALFORMED')
  assert.is(await refused(Uint8Array.of(0xff, 0xfe, 0x00), G), 'FORMAT_UNKNOWN')
  assert.is(await refused(`${head}${'1'.repeat(99)}`, { ...G, maxLineBytes: 64 }), 'LINE_TOO_LONG')
  assert.is(await refused(`${head}0,1,0,0\n1,2,0,0\n`, { ...G, maxReadings: 1 }), 'READINGS_TOO_MANY')
  assert.is(await refused(`${head}0,1,0,0\n`, { ...G, rateHz: 0 }), 'OPTION_INVALID')
  const error = await refusalOf(read(`${head}0,0,0,0\n1,secret-cell,0,0\n`, G))
  assert.equal([error.details['row'], error.details['column']], [3, 2])
  assert.not.match(`${error.message}${JSON.stringify(error.details)}`, /secret/)
})

test('a truncated row ends in a missing value, which is noted', async () => {
  assert.equal(rulesOf(await read('t_s,x,y,z\n0,1,0,0\n0.04,2,0\n', G)), ['value-missing'])
})

test('a force plate gives centimetres, whatever the unit of its header', async () => {
  for (const [header, factor] of [
    ['ML_cm,AP_cm', 1],
    ['ML_mm,AP_mm', 10],
    ['CoP_ML [m],CoP_AP [m]', 0.01],
  ] as const) {
    const trace = await readForcePlate(chunksOf(`${header}\n${2 * factor},${-3 * factor}\n0,0\n`), {
      rateHz: 100,
    })
    assert.equal([...trace.mlCm, ...trace.apCm], [2, 0, -3, 0], header)
    assert.equal([trace.rateHz, trace.start, ...trace.timesSec], [100, null, 0, 0.01])
  }
})

test('columns x and y of a plate point where the caller says, as laboratories differ', async () => {
  const file = 'Time (s),COPx (cm),COPy (cm)\n0,1,2\n0.01,3,4\n'
  assert.is(await refusedPlate(file), 'AXES_NEEDED')
  const forward = await readForcePlate(chunksOf(file), { axes: 'ap-ml' })
  assert.equal([...forward.apCm, ...forward.mlCm], [1, 3, 2, 4])
  const sideways = await readForcePlate(chunksOf(file), { axes: 'ml-ap' })
  assert.equal([...sideways.mlCm], [1, 3])
  assert.is(sideways.rateHz, null)
  assert.is(await refusedPlate(file, { axes: 'xy' as 'ml-ap' }), 'OPTION_INVALID')
})

test('a plate without unit, rate or columns is refused', async () => {
  assert.is(await refusedPlate('ML,AP\n1,2\n', { rateHz: 100 }), 'UNIT_NEEDED')
  assert.is(await refusedPlate('ML_cm,AP_cm\n1,2\n'), 'RATE_NEEDED')
  assert.is(await refusedPlate('ML_cm,AP_mm\n1,2\n', { rateHz: 100 }), 'UNIT_UNKNOWN')
  assert.is(await refusedPlate('ML_mm,AP_mm\n1,2\n', { rateHz: 100, ...CM }), 'UNIT_SUSPECT')
  assert.is(await refusedPlate('ML,AP\n1,2\n', { rateHz: 100, unit: 'g' }), 'OPTION_INVALID')
  assert.is(await refusedPlate('Fx,Fy\n1,2\n', { rateHz: 100 }), 'FORMAT_UNKNOWN')
})

test('the rate of a plate is not passed on where rows were left out, so that times count', async () => {
  const trace = await readForcePlate(chunksOf('ML,AP\n1,2\n,\n3,4\n'), { rateHz: 100, ...CM })
  assert.equal([trace.rateHz, ...trace.timesSec], [null, 0, 0.02])
})

const SAGE = findShared('sage_mhealthtools/rest_tremor_data.csv')
const title = 'an iPhone recording is read whole, its unit and times told by itself'
if (SAGE === null) declareSkip('records/source-motion', title, '../shared/data/sage_mhealthtools is absent')
else
  test(title, async () => {
    const trace = await readMotion(createReadStream(SAGE))
    assert.equal([trace.timesSec.length, trace.unit, trace.includesGravity], [862, 'g', true])
    assert.is(trace.timesSec.at(-1), 9.28058)
    assert.equal(rulesOf(trace), ['unit-from-gravity', 'time-unit-inferred'])
  })

test('any file ends in samples or in a refusal, wherever it is cut', async () => {
  const cell = fc.oneof(
    fc.constantFrom(
      '0',
      '0.04',
      '',
      'NaN',
      '1e400',
      '-',
      '"',
      '2026-01-31T08:05:00Z',
      '40',
      '1769846700250',
      't',
      'x',
    ),
    fc.string({ maxLength: 4 }),
  )
  const row = fc.array(cell, { maxLength: 8 }).map((cells) => cells.join(','))
  const head = fc.constantFrom(
    't,x,y,z',
    'x,y,z',
    't,gravity_x,gravity_y,gravity_z,userAcceleration_x,userAcceleration_y,userAcceleration_z',
    'time (s),COPx (mm),COPy (mm)',
    'ML,AP',
  )
  const options = fc.record({
    unit: fc.constantFrom('g', 'cm'),
    rateHz: fc.constantFrom(undefined, 100),
    axes: fc.constantFrom('ml-ap' as const, 'ap-ml' as const),
    startTime: fc.constantFrom(undefined, '2026-01-31T08:05:00+01:00'),
    timeZone: fc.constantFrom(undefined, 'Europe/Rome'),
  })
  await holds(
    fc.asyncProperty(
      head,
      fc.array(row, { maxLength: 12 }),
      options,
      fc.nat(60),
      async (first, rows, chosen, cutAt) => {
        const bytes = new TextEncoder().encode([first, ...rows].join('\n'))
        await survive({ kind: 'accelerometer', options: chosen, bytes }, cutAt)
        await survive({ kind: 'force-plate', options: chosen, bytes }, cutAt)
      },
    ),
    300,
  )
})

test('a sample file with any byte changed ends in resources or in a refusal', async () => {
  for (const [kind, unit] of [
    ['accelerometer', undefined],
    ['force-plate', undefined],
  ] as const) {
    const seed = readSeed(`${kind}.csv`)
    const options: SourceOptions = { unit, axes: 'ml-ap', startTime: '2026-01-31T08:05:00Z' }
    assert.equal(await survive({ kind, options, bytes: seed }), { lines: 1 })
    await holds(
      fc.asyncProperty(fc.nat(seed.length - 1), fc.nat(255), async (at, byte) => {
        const bytes = seed.slice()
        bytes[at] = byte
        await survive({ kind, options, bytes }, at)
      }),
      200,
    )
  }
})

test('refuses a unit in which nobody can have started a recording', async () => {
  assert.is(await refused('t_s,x,y,z\n0,0,0.1,9.81\n0.01,0,0.1,9.81\n', { unit: 'g' }), 'UNIT_SUSPECT')
  const withGravity =
    't_s,accelerationIncludingGravityX,accelerationIncludingGravityY,accelerationIncludingGravityZ'
  assert.is(await refused(`${withGravity}\n0,0,0,1\n0.01,0,0,1\n`, { unit: 'm/s2' }), 'UNIT_SUSPECT')
  const still = await read('t_s,x,y,z\n0,0,0,0.2\n0.01,0,0,0.2\n', { unit: 'm/s2' })
  assert.is(still.unit, 'm/s2', 'without gravity a device may be still')
})

test.run()
