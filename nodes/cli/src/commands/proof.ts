import type { Command } from 'commander'
import { run, withJson } from '../command.ts'
import { CliError } from '../errors.ts'
import type { ExportFlags } from '../proof/export.ts'
import { exportProof, FORM_NAMES } from '../proof/export.ts'
import type { MakeFlags } from '../proof/make.ts'
import type { OperatorsFlags } from '../proof/operators.ts'
import type { PageFlags } from '../proof/page.ts'
import { writeProofPage } from '../proof/page.ts'
import type { VerifyProofFlags } from '../proof/verify.ts'
import { verifyProof } from '../proof/verify.ts'
import { endQuietlyOnClosedPipe } from '../records/sink.ts'

/** `halo proof …`: what shows to others that something was recorded, when, and by whose leave. */
export function addProofCommands(program: Command): void {
  const proof = program
    .command('proof')
    .description('check and pass on proofs of what was recorded, when, and by whose leave')
    .hook('preAction', endQuietlyOnClosedPipe)
  withForce(withChain(withDataDir(proof.command('make'))))
    .description('make one file of what there is to show of a data set; says what it discloses')
    .option('--from-delivery <dir>', 'of what halo research collect wrote')
    .option(
      '--dataset <id>',
      'of what your wallet has published; it holds neither deliveries nor what a record is compared with',
    )
    .option('--passphrase-file <file>', 'with --dataset: file with the passphrase of the wallet, mode 0600')
    .option('--request <id>', 'with --dataset: the answered request to put in, where there are several')
    .option(
      '--with-record-opening',
      'with --from-delivery: put in what the record can be compared with, its salt and metadata',
    )
    .option('--chain', 'put in what the chain has: since when, and a proof that needs no chain to check')
    .option('--out <file>', 'the file to write (default: named after the data set, here)')
    // Chain and peers take a second to load, which the other commands need not wait for.
    .action(
      run<MakeFlags>(async (flags, output) => (await import('../proof/make.ts')).makeProof(flags, output)),
    )
  withChain(withDataDir(proof.command('verify')))
    .description('say of each part of a proof whether it holds; exit code 7 unless it is enough to rely on')
    .argument('<file>', 'an evidence bundle or a receipt; - for standard input')
    // Refused below, with what was probably meant.
    .allowExcessArguments()
    .option('--record <file>', 'the record itself, to compare it with what its owner signed for')
    .option('--offline', 'ask no chain')
    .option('--operators <file>', 'keys of the logs of all operators, one a line, from a source you trust')
    .option('--block-hash <hash>', 'hash of the block that the proof leads to, from a source you trust')
    .action(
      run<VerifyProofFlags>(async (flags, output, args) => {
        refuseSecondFile(args)
        return verifyProof(flags, output, args)
      }),
    )
  withForce(withJson(proof.command('export')))
    .description('write the receipt of a proof in a form that other programs read')
    .argument('<file>', 'an evidence bundle or a receipt; - for standard input')
    .requiredOption('--as <form>', FORM_NAMES.join(', '))
    .option('--out <file>', 'write here instead of to standard output')
    .action(run<ExportFlags>(exportProof))
  withForce(withChain(withDataDir(proof.command('operators'))))
    .description('list the keys of the logs of all operators, to be kept for checks without a chain')
    .option('--out <file>', 'write here instead of to standard output')
    .action(
      run<OperatorsFlags>(async (flags, output) =>
        (await import('../proof/operators.ts')).listOperators(flags, output),
      ),
    )
  withForce(withJson(proof.command('page')))
    .description('write the page that checks proofs in a browser, with no network')
    .requiredOption('--out <file>', 'the HTML to write; - for standard output')
    .action(run<PageFlags>(writeProofPage))
}

/** Whoever gives a second file without an option most likely means the record. */
function refuseSecondFile({ length }: readonly string[]): void {
  if (length > 1)
    throw new CliError(
      'USAGE',
      `Too many arguments: one proof is checked at a time, and ${length} files are named. Did you mean --record FILE?`,
    )
}

/** `--data` names a wallet or a researcher here, and is not needed. */
function withDataDir(command: Command): Command {
  return withJson(command).option(
    '--data <dir>',
    'data directory of a wallet or researcher, whose chain is asked (default: yours)',
  )
}

function withChain(command: Command): Command {
  return command
    .option('--chain-url <url>', 'JSON-RPC of the chain node to ask; goes with --network')
    .option('--network <file>', 'contract addresses of the Halo that is meant, a file as in deploy/networks')
}

function withForce(command: Command): Command {
  return command.option('--force', 'replace the file if it exists')
}
