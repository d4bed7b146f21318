import type { Command } from 'commander'
import { run, withJson } from '../command.ts'
import type { ExportFlags } from '../proof/export.ts'
import { exportProof, FORM_NAMES } from '../proof/export.ts'
import type { PageFlags } from '../proof/page.ts'
import { writeProofPage } from '../proof/page.ts'
import type { VerifyProofFlags } from '../proof/verify.ts'
import { verifyProof } from '../proof/verify.ts'
import { endQuietlyOnClosedPipe } from '../records/sink.ts'
import { startWhereCalled } from '../records/start-dir.ts'

/** `halo proof …`: what shows to others that something was recorded, when, and by whose leave. */
export function addProofCommands(program: Command): void {
  const proof = program
    .command('proof')
    .description('check and pass on proofs of what was recorded, when, and by whose leave')
    .hook('preAction', startWhereCalled)
    .hook('preAction', endQuietlyOnClosedPipe)
  withJson(proof.command('verify'))
    .description('say of each part of a proof whether it holds; exit code 7 unless it is enough to rely on')
    .argument('<file>', 'an evidence bundle or a receipt; - for standard input')
    .option('--record <file>', 'the record itself, to compare it with what its owner signed for')
    .option('--network <file>', 'contract addresses of the Halo that is meant, a file as in deploy/networks')
    .option('--operators <file>', 'keys of the logs of all operators, one a line, from a source you trust')
    .option('--block-hash <hash>', 'hash of the block that the proof leads to, from a source you trust')
    .action(run<VerifyProofFlags>(verifyProof))
  withOut(withJson(proof.command('export')), 'write here instead of to standard output')
    .description('write the receipt of a proof in a form that other programs read')
    .argument('<file>', 'an evidence bundle or a receipt; - for standard input')
    .requiredOption('--as <form>', FORM_NAMES.join(', '))
    .action(run<ExportFlags>(exportProof))
  withJson(proof.command('page'))
    .description('write the page that checks proofs in a browser, with no network')
    .requiredOption('--out <file>', 'the HTML to write; - for standard output')
    .option('--force', 'replace the file if it exists')
    .action(run<PageFlags>(writeProofPage))
}

function withOut(command: Command, what: string): Command {
  return command.option('--out <file>', what).option('--force', 'replace the file if it exists')
}
