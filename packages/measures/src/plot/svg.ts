/** An attribute's value; undefined leaves the attribute out. */
export type Attribute = string | number | undefined

/**
 * One SVG element as text, its children as they are given: pass texts through {@link escapeText} first.
 * Numbers are rounded to 1/100 of a user unit, which nobody sees and which keeps files small.
 */
export function element(
  name: string,
  attributes: Readonly<Record<string, Attribute>>,
  children: readonly string[] | string = '',
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escapeText(value ?? '')}"`)
    .join('')
  const content = typeof children === 'string' ? children : children.join('')
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`
}

/** Text that is safe inside an element and inside an attribute; characters XML does not allow are dropped. */
export function escapeText(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no form for these
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  )
}

/**
 * The `d` of a path through the points; a point that is not finite lifts the pen. A point that stands alone
 * is a dot where the stroke has round caps.
 */
export function pathThrough(points: Iterable<readonly [x: number, y: number]>): string {
  let d = ''
  let run = 0
  const lift = (): void => {
    if (run === 1) d += 'h0'
    run = 0
  }
  for (const [x, y] of points) {
    if (Number.isFinite(x) && Number.isFinite(y)) d += `${run++ === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`
    else lift()
  }
  lift()
  return d
}

/** A number with at most two decimals, as short as it can be. */
export function round(value: number): string {
  const rounded = Math.round(value * 100) / 100
  return String(Object.is(rounded, -0) ? 0 : rounded)
}
