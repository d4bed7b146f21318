import type { Receipt } from '@halo/proofs'
import { encodeReceipt, exportChainpointV3, exportChainpointV4, receiptToJson } from '@halo/proofs'
import type { CommonOptions } from '../command.ts'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { isStandardOutput, openSink } from '../records/sink.ts'
import { readProof } from './read-proof.ts'

/** Options of `export`. */
export interface ExportFlags extends CommonOptions {
  readonly as: string
  readonly out?: string
  readonly force?: boolean
}

/** What a receipt is written as, by the name that people give. */
const FORMS: Readonly<Record<string, (receipt: Receipt) => Uint8Array | string>> = {
  'chainpoint-v4': (receipt) => jsonLine(exportChainpointV4(receipt)),
  'chainpoint-v3': (receipt) => jsonLine(exportChainpointV3(receipt)),
  receipt: encodeReceipt,
  'receipt-json': (receipt) => jsonLine(receiptToJson(receipt)),
}

/** Names of {@link FORMS}, for help. */
export const FORM_NAMES: readonly string[] = Object.keys(FORMS)

/** `halo proof export`: the receipt of a proof file for other programs. */
export async function exportProof(
  flags: ExportFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<undefined> {
  const form = Object.hasOwn(FORMS, flags.as) ? FORMS[flags.as] : undefined
  if (form === undefined) throw new CliError('USAGE', `--as takes one of ${FORM_NAMES.join(', ')}.`)
  if (output.isJson && isStandardOutput(flags.out))
    throw new CliError('USAGE', 'With --json standard output holds the report: name a file with --out.')
  if (flags.as === 'receipt' && isStandardOutput(flags.out) && process.stdout.isTTY === true)
    throw new CliError('USAGE', 'A receipt is bytes, which a terminal cannot show: name a file with --out.')
  const { file } = await readProof(path)
  const receipt = file.kind === 'receipt' ? file.receipt : file.evidence.inclusion
  if (receipt === undefined)
    throw new CliError('USAGE', 'The proof holds no receipt, which is what is exported. Make one that does.')
  const content = form(receipt)
  const sink = await openSink(flags.out, { force: flags.force === true, inputs: [path] })
  try {
    await sink.write(content)
    await sink.commit()
  } finally {
    await sink.discard()
  }
  if (isStandardOutput(flags.out)) return undefined
  output.result({ out: flags.out, as: flags.as, sizeBytes: content.length }, [
    `Wrote ${flags.out} (${flags.as}). Who has it can tell which entry of the log it is.`,
  ])
  return undefined
}

function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
