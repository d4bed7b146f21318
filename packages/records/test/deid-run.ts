import type { DeidentificationReport, DeidentifyOptions, FhirResource } from '@halo/records'
import { deidentify } from '@halo/records'

/** A secret that is none. */
export const SECRET: Uint8Array = Uint8Array.from({ length: 32 }, (_, at) => at)

/** What came out of de-identification. */
export interface Output {
  readonly text: string
  readonly resources: readonly FhirResource[]
  readonly report: DeidentificationReport
}

/** De-identifies resources for one recipient; errors come as uvu can print them, which needs them without details. */
export async function run(
  resources: readonly FhirResource[],
  options: Partial<DeidentifyOptions> = {},
): Promise<Output> {
  try {
    return await runOrFail(resources, options)
  } catch (error) {
    throw new Error(`${(error as { code?: string }).code}: ${(error as Error).message}`)
  }
}

/** De-identifies resources for one recipient. */
export async function runOrFail(
  resources: readonly FhirResource[],
  options: Partial<DeidentifyOptions> = {},
): Promise<Output> {
  const output = deidentify(() => resources, {
    profile: 'strict',
    secret: SECRET,
    recipient: 'lab',
    ...options,
  })
  let text = ''
  for await (const piece of output) text += piece
  const lines = text.split('\n').filter((line) => line !== '')
  return { text, resources: lines.map((line) => JSON.parse(line) as FhirResource), report: output.report() }
}

/** The code of the error that de-identification ends in, with the path it names; `none` when it ends well. */
export async function refusal(
  resources: readonly FhirResource[],
  options: Partial<DeidentifyOptions> = {},
): Promise<string> {
  try {
    await runOrFail(resources, options)
    return 'none'
  } catch (error) {
    const { code, details } = error as { code: string; details: { path?: string } }
    return details.path === undefined ? code : `${code} ${details.path}`
  }
}

/** What stands at a path of names and indices. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (one, name) => (one as Record<string | number, unknown> | undefined)?.[name],
    value,
  )
}
