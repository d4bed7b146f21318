import { readPage } from '@halo/verifier'
import type { CommonOptions } from '../command.ts'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { isStandardOutput, writeOut } from '../records/sink.ts'

/** Options of `page`. */
export interface PageFlags extends CommonOptions {
  readonly out: string
  readonly force?: boolean
}

/** `halo proof page`: the page that checks proofs in a browser without any network. */
export async function writeProofPage(flags: PageFlags, output: Output): Promise<undefined> {
  if (output.isJson && isStandardOutput(flags.out))
    throw new CliError('USAGE', 'With --json standard output holds the report: name a file with --out.')
  const page = await readPage()
  // It holds nothing of anybody's, and is there to be handed on.
  await writeOut(flags.out, [page], { force: flags.force === true, mode: 0o644 })
  if (isStandardOutput(flags.out)) return undefined
  output.result({ out: flags.out, sizeBytes: Buffer.byteLength(page) }, [
    `Wrote ${flags.out}. Open it in any browser, also without a network, and choose a proof file there.`,
  ])
  return undefined
}
