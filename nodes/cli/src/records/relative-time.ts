import type { FhirResource } from '@halo/records'
import { Decimal } from '@halo/records'

/** What strict de-identification leaves of a time: days and seconds since midnight of the first record's day. */
const RELATIVE_TIME = 'https://halo.example/fhir/StructureDefinition/relative-time'
const DAY_MS = 86_400_000

/**
 * An Observation whose time is relative, with a whole time in its place that counts from the start of 1970:
 * intervals and times of day are right, dates are not.
 * @returns null for a resource whose time is not relative, or has no second
 */
export function placeRelativeTime(resource: FhirResource): FhirResource | null {
  const timeMs = relativeMsOf(resource['_effectiveDateTime']) ?? relativeMsOf(resource['_effectiveInstant'])
  if (timeMs === null) return null
  const { _effectiveDateTime, _effectiveInstant, effectiveInstant, ...rest } = resource
  return { ...rest, effectiveDateTime: new Date(timeMs).toISOString() } as FhirResource
}

/** A time that {@link placeRelativeTime} made, as people read it. */
export function showRelativeTime(timeMs: number): string {
  const day = Math.floor(timeMs / DAY_MS) + 1
  return `day ${day} ${new Date(timeMs).toISOString().slice(11, 16)}`
}

function relativeMsOf(element: unknown): number | null {
  const found = partsOf(element).find(({ url }) => url === RELATIVE_TIME)
  const parts = partsOf(found)
  const day = numberOf(parts.find(({ url }) => url === 'day')?.['valueInteger'])
  const second = numberOf(parts.find(({ url }) => url === 'second')?.['valueDecimal'])
  const isWhole =
    day !== null && second !== null && day >= 0 && day < 36_600 && second >= 0 && second <= 86_400
  return isWhole ? day * DAY_MS + Math.round(second * 1000) : null
}

function partsOf(element: unknown): readonly Readonly<Record<string, unknown>>[] {
  const { extension } = (element ?? {}) as { readonly extension?: unknown }
  return Array.isArray(extension) ? extension.filter((part) => typeof part === 'object' && part !== null) : []
}

function numberOf(value: unknown): number | null {
  const number = value instanceof Decimal ? Number(value.text) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}
