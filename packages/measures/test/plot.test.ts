import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AgpPicture } from '../src/plot/agp-plot.ts'
import { plotAgp } from '../src/plot/agp-plot.ts'
import { extentOf, linearScale } from '../src/plot/scale.ts'
import { element, escapeText, pathThrough, round } from '../src/plot/svg.ts'
import type { SwayPicture } from '../src/plot/sway-plots.ts'
import { plotStabilogram, plotStatokinesigram } from '../src/plot/sway-plots.ts'
import { plotTremorTimeline } from '../src/plot/tremor-plot.ts'

const test = suite('measures/plot')

const SWAY: SwayPicture = {
  title: 'eyes open <"&\'>',
  rateHz: 25,
  mlCm: [0, 1, 0, -1, 0],
  apCm: [1, 0, -1, 0, 1],
  ellipse: { centreMlCm: 0, centreApCm: 0, semiMajorCm: 2, semiMinorCm: 1, angleRad: Math.PI / 2 },
  method: 'Force plate',
  figures: [['area', '2.04 cm²']],
}

const AGP: AgpPicture = {
  title: 'subject 1',
  unit: 'mg/dL',
  timeZone: 'Europe/Rome',
  binMin: 60,
  bins: Array.from({ length: 24 }, (_, hour) =>
    hour === 3
      ? { startMin: 180, p5: null, p25: null, p50: null, p75: null, p95: null }
      : { startMin: hour * 60, p5: 60, p25: 90, p50: 120, p75: 150, p95: 200 },
  ),
  bands: { veryLow: 0, low: 5, inRange: 75, high: 15, veryHigh: 5 },
  figures: [['mean', '120 mg/dL']],
  days: Array.from({ length: 14 }, (_, day) => ({
    date: `2026-01-${String(day + 1).padStart(2, '0')}`,
    points: [{ minuteOfDay: 0, value: 100 }],
  })),
}

/** Tags as a reader of XML meets them; fails where they do not nest, or where a text holds a bare `<` or `&`. */
function tagsOf(svg: string): readonly string[] {
  const open: string[] = []
  const names: string[] = []
  const body = svg.replace(/^<\?xml[^>]*\?>\n/, '')
  for (const [, text = '', close, name = '', attributes = '', isEmpty] of body.matchAll(
    /([^<]*)<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/gi,
  )) {
    assert.not.match(text + attributes, /&(?!amp;|lt;|gt;|quot;)/)
    if (close === '/') assert.is(open.pop(), name)
    else names.push(name)
    if (close === '' && isEmpty === '') open.push(name)
  }
  assert.is(body.replaceAll(/<[^<>]*>/g, '').includes('<'), false)
  assert.equal(open, [])
  return names
}

const PICTURES = {
  statokinesigram: plotStatokinesigram(SWAY),
  stabilogram: plotStabilogram(SWAY),
  agp: plotAgp(AGP),
  tremor: plotTremorTimeline('hand', [
    { minute: 0, frequencyHz: 5, amplitudeCm: 0.2, reason: null },
    { minute: 1, frequencyHz: null, amplitudeCm: null, reason: 'coverage' },
    { minute: 2, frequencyHz: null, amplitudeCm: null, reason: 'amplitude' },
  ]),
}

for (const [name, svg] of Object.entries(PICTURES)) {
  test(`draws a ${name} as well-formed SVG with title, description and a table`, () => {
    const names = tagsOf(svg)
    assert.equal(names.slice(0, 3), ['svg', 'title', 'desc'])
    assert.match(svg, /role="table"/)
    assert.match(svg, /role="rowheader"/)
    assert.match(svg, /role="img" aria-label="[^"]{20,}/)
  })

  test(`draws a ${name} without script, style sheet or anything from elsewhere`, () => {
    assert.not.match(svg, /<(?:script|style|image|foreignObject|use|a)\b|href|url\(|NaN|Infinity|undefined/)
  })
}

test('writes texts of a file so that they stay texts', () => {
  assert.match(PICTURES.statokinesigram, /eyes open &lt;&quot;&amp;'&gt;/)
  assert.is(escapeText('a\u0000b\u001fc\ud800'), 'abc\ufffd')
})

test('leaves a gap in an AGP where there are no figures', () => {
  const areas = [...PICTURES.agp.matchAll(/<path d="([^"]*)Z"/g)]
  assert.is(areas.length, 4, 'two areas on each side of the gap')
  assert.match(PICTURES.agp, />03:00<\/text><text[^>]*>–</)
})

test('draws a day of an AGP in mmol/L where the reader wants it', () => {
  const svg = plotAgp({ ...AGP, unit: 'mmol/L' })
  assert.match(svg, /glucose, mmol\/L/)
  assert.match(svg, />6\.7</, '120 mg/dL')
})

test('names bands and target in the unit of the reader', () => {
  const svg = plotAgp({ ...AGP, unit: 'mmol/L', figures: [] })
  assert.match(svg, /target 3\.9–10\.0 mmol\/L/)
  assert.match(svg, />above 13\.9 mmol\/L</)
  assert.not.match(svg, /70–180|target[^<]*mg|181/)
})

test('draws lone readings as dots, no ranges of fewer than five days, and says so', () => {
  const bins = AGP.bins.map((bin) =>
    bin.startMin === 480 ? bin : { ...bin, p5: null, p25: null, p50: null, p75: null, p95: null },
  )
  const svg = plotAgp({ ...AGP, bins, days: AGP.days.slice(0, 1) })
  assert.match(svg, /2026-01-01 to 2026-01-01: 1 day with readings\. Fewer than five/)
  assert.not.match(svg, /#cfe2f3|#9fc5e8/, 'the colours of the ranges')
  assert.match(svg, /d="M[\d.]+ [\d.]+h0"[^>]*stroke-linecap="round"/)
})

test('says that a screening tells no path: faint, not listed, with a warning in sight', () => {
  for (const plot of [plotStatokinesigram, plotStabilogram]) {
    const svg = plot({ ...SWAY, isScreening: true })
    assert.match(svg, />Screening only:/)
    assert.match(svg, /stroke-opacity="0\.25"/)
    assert.not.match(svg, /aria-label="Trace"/)
    assert.match(plot(SWAY), /aria-label="Trace"/)
  }
})

test('writes how a trace came about where everybody sees it, in lines that fit', () => {
  const svg = plotStatokinesigram({ ...SWAY, method: 'word '.repeat(60).trim() })
  const lines = [...svg.matchAll(/>((?:word ?)+)<\/text>/g)].map(([, line = '']) => line)
  assert.ok(lines.length >= 3 && lines.every((line) => line.length <= 102))
  assert.match(svg, />95 % prediction ellipse</)
})

test('tells minutes without tremor from those that could not be judged', () => {
  assert.match(PICTURES.tremor, />×</)
  assert.match(PICTURES.tremor, /<circle [^>]*fill="none"/)
  assert.match(PICTURES.tremor, />too few samples<[\s\S]*>no tremor</)
  assert.match(PICTURES.tremor, />Experimental, not a diagnosis\.</)
})

test('draws the ellipse with its axes where they were measured', () => {
  const upright = /<path d="M([\d.]+) ([\d.]+)L[^"]*" fill="none" stroke="#b45309"/.exec(
    PICTURES.statokinesigram,
  )
  const flat = /<path d="M([\d.]+) ([\d.]+)L[^"]*" fill="none" stroke="#b45309"/.exec(
    plotStatokinesigram({
      ...SWAY,
      ellipse: { centreMlCm: 0, centreApCm: 0, semiMajorCm: 2, semiMinorCm: 1, angleRad: 0 },
    }),
  )
  assert.ok(Number(upright?.[2]) < 60, 'the major axis points forward, which is up')
  assert.ok(Number(flat?.[1]) > 580, 'the major axis points to the right')
})

test('draws both axes of a statokinesigram to one scale', () => {
  const [, x0, y0, x1, y1] =
    /<path d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)L/.exec(
      plotStatokinesigram({ ...SWAY, ellipse: undefined }),
    ) ?? []
  assert.ok(Math.abs(Number(x1) - Number(x0) - Number(y1) + Number(y0)) < 0.02, 'one right and one back')
})

test('survives recordings without movement, without samples and with broken ones', () => {
  for (const mlCm of [[], [1], [2, 2, 2], [Number.NaN, 1, Number.POSITIVE_INFINITY]])
    for (const plot of [plotStatokinesigram, plotStabilogram]) {
      const svg = plot({ ...SWAY, mlCm, apCm: mlCm, ellipse: undefined })
      tagsOf(svg)
      assert.not.match(svg, / (?:x|y|d|x1|y1|cx)="[^"]*(?:NaN|Infinity)/)
    }
  tagsOf(plotTremorTimeline('nothing', []))
})

test('has ticks at 1, 2 or 5 times a power of ten that cover the data', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      (low, span) => {
        const scale = linearScale([low, low + span], [0, 100])
        const step = (scale.ticks[1] ?? 0) - (scale.ticks[0] ?? 0)
        const factor = step / 10 ** Math.floor(Math.log10(step) + 1e-6)
        assert.ok([1, 2, 5, 10].some((nice) => Math.abs(factor - nice) < 1e-3))
        assert.ok(scale.from <= low + span * 1e-6 && scale.to >= low + span * (1 - 1e-6))
        assert.ok(scale.ticks.length >= 2 && scale.ticks.length <= 14)
      },
    ),
  )
})

test('finds the extent of several series and leaves out what is no number', () => {
  assert.equal(extentOf([3, Number.NaN], [-1, Number.POSITIVE_INFINITY]), [-1, 3])
  assert.equal(extentOf([]), [Number.NaN, Number.NaN])
})

test('writes short numbers, and lifts the pen where there is none', () => {
  assert.is(round(-0.001), '0')
  assert.is(
    pathThrough([
      [0, 1.234],
      [1, 2],
      [Number.NaN, 3],
      [4, 5],
    ]),
    'M0 1.23L1 2M4 5h0',
  )
  assert.is(element('rect', { x: 1.005, y: undefined, id: 'a"b' }), '<rect x="1" id="a&quot;b"/>')
})

test.run()
