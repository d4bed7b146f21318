import type { Node } from './engine.ts'

/**
 * First three digits of postal codes of areas with 20 000 people or fewer: those of the census of 2000, as in
 * the guidance of the Department of Health and Human Services, and those of 2010.
 * @see https://www.hhs.gov/hipaa/for-professionals/special-topics/de-identification/index.html#zip
 */
const SMALL_AREAS: ReadonlySet<string> = new Set(
  `036 059 063 102 203 205 369 556 692 790 821 823 830 831 878 879 884 890 893`.split(' '),
)

const STATES: ReadonlyMap<string, string> = new Map(
  `AL Alabama;AK Alaska;AZ Arizona;AR Arkansas;CA California;CO Colorado;CT Connecticut;DE Delaware;
  DC District of Columbia;FL Florida;GA Georgia;HI Hawaii;ID Idaho;IL Illinois;IN Indiana;IA Iowa;KS Kansas;
  KY Kentucky;LA Louisiana;ME Maine;MD Maryland;MA Massachusetts;MI Michigan;MN Minnesota;MS Mississippi;
  MO Missouri;MT Montana;NE Nebraska;NV Nevada;NH New Hampshire;NJ New Jersey;NM New Mexico;NY New York;
  NC North Carolina;ND North Dakota;OH Ohio;OK Oklahoma;OR Oregon;PA Pennsylvania;PR Puerto Rico;
  RI Rhode Island;SC South Carolina;SD South Dakota;TN Tennessee;TX Texas;UT Utah;VT Vermont;VA Virginia;
  WA Washington;WV West Virginia;WI Wisconsin;WY Wyoming`
    .split(';')
    .flatMap((entry) => {
      const text = entry.trim()
      const code = text.slice(0, 2)
      return [
        [code, code],
        [text.slice(3).toUpperCase(), code],
      ] as const
    }),
)

/** ISO 3166-1, two letters. */
const COUNTRIES: ReadonlySet<string> = new Set(
  (
    'ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZ' +
    'DEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJP' +
    'KEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZ' +
    'OMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZ' +
    'UAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW'
  ).match(/../g) ?? [],
)

/**
 * What an address may keep: the country; in the United States the state and the first three digits of the
 * postal code, or `000` where few people live. Regions of other countries may be smaller than a state.
 * @see 45 CFR 164.514(b)(2)(i)(B)
 */
export function generaliseAddress({ country, state, postalCode }: Node): Node | undefined {
  const code = countryCode(country)
  const stateCode = typeof state === 'string' ? STATES.get(state.trim().toUpperCase()) : undefined
  const isAmerican = code === 'US' || (country === undefined && stateCode !== undefined)
  const kept: Record<string, string> = {}
  if (code !== null) kept['country'] = code
  if (isAmerican && stateCode !== undefined) kept['state'] = stateCode
  const area =
    isAmerican && typeof postalCode === 'string' ? /^(\d{3})\d\d(?:-?\d{4})?$/.exec(postalCode) : null
  if (area?.[1] !== undefined) kept['postalCode'] = SMALL_AREAS.has(area[1]) ? '000' : area[1]
  return Object.keys(kept).length === 0 ? undefined : kept
}

/** Whether a text is a state's two letters. */
export function isStateCode(text: string): boolean {
  return STATES.get(text) === text
}

/** Whether a text is a country's two letters. */
export function isCountryCode(text: string): boolean {
  return COUNTRIES.has(text)
}

function countryCode(country: unknown): string | null {
  if (typeof country !== 'string') return null
  const text = country.trim().toUpperCase()
  if (text === 'USA' || text === 'UNITED STATES') return 'US'
  return COUNTRIES.has(text) ? text : null
}
