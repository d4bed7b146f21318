const PREFIX = '(?:da|[GMkhdcmunpf])'
/** Units that take a prefix. */
const METRIC =
  '(?:mol|eq|osm|cal|Cel|kat|bar|Ohm|Hz|Pa|Bq|Gy|Sv|eV|lm|lx|cd|[mgslLtKJNWVAFCSTHUB]|B\\[SPL\\]|m\\[Hg\\]|m\\[H2O\\]|\\[IU\\]|\\[iU\\])'
/** Units that take none, and pure numbers. */
const PLAIN =
  "(?:%|min|h|d|wk|mo|a|deg|rad|'|''|\\[degF\\]|\\[lb_av\\]|\\[oz_av\\]|\\[in_i\\]|\\[ft_i\\]|\\[mi_i\\]|\\[ppm\\]|\\[ppb\\]|\\[pH\\]|\\[arb'U\\]|\\[CFU\\]|\\[hp'_X\\]|\\[drp\\])"
/** Annotations are free text in UCUM; these are the ones that say nothing about anybody. */
const ANNOTATION =
  '\\{(?:score|steps|beats|breaths|count|counts|#|nominal|T-score|INR|ratio|index|creat|RBC|WBC|cells|doses|tablet|capsule|puff|1\\.73_m2)\\}'
/** Numbers that units are made with: any others could be parts of a longer one. */
const FACTOR = '(?:1|2|3|4|5|6|7|8|10|12|24|48|72|100|10[*^][+-]?[1-9]?)'
const EXPONENT = '(?:[+-]?[1-9])'
const UNIT = `(?:(?:${PREFIX}?${METRIC}|${PLAIN})${EXPONENT}?(?:${ANNOTATION})?|${ANNOTATION}|${FACTOR}(?:${ANNOTATION})?)`
const IS_FACTOR = new RegExp(`^${FACTOR}$`)
/** Units of measures have no more, names and numbers may. */
const MAX_PARTS = 4
const UCUM_CODE = new RegExp(`^/?${UNIT}(?:[./]${UNIT})*$`)

/**
 * Whether a text is made of known UCUM units and nothing else; not every UCUM unit is known.
 * @see https://ucum.org/ucum
 */
export function isUcumCode(text: string): boolean {
  if (text.length > 32 || !UCUM_CODE.test(text)) return false
  const parts = text
    .replace(/\{[^}]*\}/g, '')
    .split(/[./]/)
    .filter((part) => part !== '')
  return parts.length <= MAX_PARTS && parts.filter((part) => IS_FACTOR.test(part)).length <= 1
}

/** Whether a unit of several letters, each of them one, could spell a name. */
export function maySpell(unit: string): boolean {
  return unit.split(/[./]/).length > 2
}

/** How units are written for people; other wordings give way to the code. */
const UNIT_TEXTS: ReadonlySet<string> = new Set([
  'mg/dl',
  'mmol/l',
  'beats/minute',
  'breaths/minute',
  '°C',
  '°F',
  'mmHg',
  'steps',
  'steps per day',
  'kcal per day',
  'score',
  'years',
  'year',
  'days',
  'hours',
  'minutes',
])

/** The unit's wording if it is one of a closed list, otherwise its code. */
export function closedUnitText(unit: unknown, code: string): string {
  return typeof unit === 'string' && UNIT_TEXTS.has(unit) ? unit : code
}

/** Whether a unit's wording is one of the closed list or a UCUM code. */
export function isClosedUnitText(text: string): boolean {
  return UNIT_TEXTS.has(text) || isUcumCode(text)
}
