import type { AirObservation, FhirResource } from '@halo/records'
import { convert, readAirObservation, readResources } from '@halo/records'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { assertTimeZone } from '../record-file.ts'
import { entriesOf } from './bundle-entries.ts'
import type { ImportAccount } from './import-notes.ts'
import { noteImport } from './import-notes.ts'
import { lookAtStart, openInput, withProgress } from './input.ts'
import type { AirFlags } from './measure-flags.ts'
import { parseSourceFlags, readNames } from './source-flags.ts'
import type { Span } from './written-moment.ts'
import { extendSpan } from './written-moment.ts'

/** What was measured in one room, and from when to when. */
export interface RoomAir {
  readonly observations: readonly AirObservation[]
  readonly span: Span
}

/** What was measured in each room, by the reference to the room. */
export type AirByRoom = ReadonlyMap<string, RoomAir>

/**
 * Reads FHIR, or a list of entries as paper 000's sensors write it, and tells a person what became of it.
 * @throws CliError `FILE_UNREADABLE`, `USAGE`; RecordsError
 */
export async function readAirRooms(path: string, flags: AirFlags, output: Output): Promise<AirByRoom> {
  if (flags.tz !== undefined) await assertTimeZone(flags.tz)
  const rooms = new Map<string, { readonly observations: AirObservation[]; span: Span }>()
  const { resources, account } = await openAir(path, flags, output)
  let leftOut = 0
  for await (const resource of resources)
    for (const entry of entriesOf(resource)) {
      const found = readAirObservation(entry)
      if (found === null) {
        leftOut += 1
        continue
      }
      const known = rooms.get(found.subject)
      const span = extendSpan(known?.span, { timeMs: found.timeMs, written: writtenTime(entry) })
      if (known === undefined) rooms.set(found.subject, { observations: [found], span })
      else {
        known.observations.push(found)
        known.span = span
      }
    }
  output.progressDone()
  if (rooms.size === 0) throw new CliError('USAGE', 'The file holds no figures of indoor air.')
  noteImport(account() ?? { leftOut: { 'resources that are no figures of indoor air': leftOut } }, output)
  return rooms
}

/** The time that made the Observation readable. */
function writtenTime({ effectiveDateTime, effectiveInstant }: FhirResource): string {
  return String(effectiveDateTime ?? effectiveInstant)
}

/** The resources of a file, and once they are read what became of it; null where it was FHIR already. */
async function openAir(
  path: string,
  flags: AirFlags,
  output: Output,
): Promise<{
  readonly resources: AsyncIterable<FhirResource>
  readonly account: () => ImportAccount | null
}> {
  const names = await readNames(flags.names)
  const input = await openInput(path, 'read', output)
  const { signal, onProgress } = input
  const { head, chunks } = await lookAtStart(input.chunks)
  const isEntries = /^\uFEFF?\s*\[/.test(head) && !/"resourceType"/.test(head)
  if (!isEntries)
    return { resources: readResources(withProgress({ ...input, chunks }), { signal }), account: () => null }
  const conversion = convert('air-quality', chunks, {
    ...parseSourceFlags(flags),
    names,
    signal,
    onProgress,
  })
  return { resources: readResources(conversion, { signal }), account: () => conversion.report() }
}
