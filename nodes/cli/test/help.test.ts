import { Command } from 'commander'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOfAsync } from '../../../test/claims/code-of.ts'
import { assertPlain, openPlace } from '../../../test/story/halo-command.ts'
import { addDevCommand } from '../src/commands/dev.ts'
import { addNodeCommands } from '../src/commands/node.ts'
import { addProofCommands } from '../src/commands/proof.ts'
import { addRecordsCommands } from '../src/commands/records.ts'
import { addRegistryCommands } from '../src/commands/registry.ts'
import { addResearchCommands } from '../src/commands/research.ts'
import { addWalletCommands } from '../src/commands/wallet.ts'
import { assertFails } from './failing.ts'

const test = suite('cli/help')

const ADDERS = [
  addDevCommand,
  addNodeCommands,
  addWalletCommands,
  addResearchCommands,
  addRegistryCommands,
  addRecordsCommands,
  addProofCommands,
]

type Named = readonly [name: string, command: Command]

/** A command and all below it, with the words that call them. */
function walkCommands(name: string, command: Command): readonly Named[] {
  return [
    [name, command],
    ...command.commands.flatMap((sub) => walkCommands(`${name} ${sub.name()}`.trim(), sub)),
  ]
}

function createProgram(): Command {
  const program = new Command('halo')
  for (const add of ADDERS) add(program)
  return program
}

/** Every command of `halo`, with the words that call it. */
function listCommands(): readonly Named[] {
  return walkCommands('', createProgram()).slice(1)
}

test('every command, argument and option says what it is for', () => {
  const commands = listCommands()
  assert.ok(commands.length >= 40, `${commands.length} commands`)
  for (const [name, command] of commands) {
    assert.ok(command.description().length > 10, name)
    for (const { flags, description } of command.options)
      assert.ok(description.length > 5, `${name} ${flags}`)
    for (const argument of command.registeredArguments)
      assert.ok(argument.description, `${name} ${argument.name()}`)
  }
})

test('every command that does something takes --json', () => {
  for (const [name, command] of listCommands())
    if (command.commands.length === 0)
      assert.ok(
        command.options.some((option) => option.long === '--json'),
        name,
      )
})

/** Words that call a command with one argument too many and with whatever it demands. */
function overfill(name: string, { registeredArguments, options }: Command): readonly string[] {
  const demanded = options.filter((option) => option.mandatory).flatMap(({ long }) => [long ?? '', 'any'])
  return [...name.split(' '), ...registeredArguments.map(() => 'any'), 'EXTRA', ...demanded]
}

test('no command takes an argument more than it names', async () => {
  for (const [name, command] of listCommands()) {
    if (command.commands.length > 0 || name === 'proof verify') continue
    if (command.registeredArguments.some((argument) => argument.variadic)) continue
    const top = createProgram()
    for (const [, each] of walkCommands('', top)) each.exitOverride().configureOutput({ writeErr: () => {} })
    const ended = top.parseAsync(overfill(name, command), { from: 'user' })
    assert.is(await codeOfAsync(() => ended), 'commander.excessArguments', name)
  }
})

test('proof verify asks whether the second file is the record, and does not check the first one', async () => {
  await using place = await openPlace()
  const wanted = { exit: 2, code: 'USAGE', says: /too many arguments.*Did you mean --record FILE/i }
  await assertFails(place, wanted, 'proof', 'verify', 'none', 'delivered.ndjson', '--offline')
})

test('--help explains a command on standard output and does nothing else', async () => {
  await using place = await openPlace()
  for (const command of [[], ['dev'], ['wallet'], ['research', 'collect'], ['records', 'convert']]) {
    const { code, stdout, stderr } = await place.halo(...command, '--help')
    assert.equal([code, stderr], [0, ''])
    assert.match(stdout, `Usage: ${['halo', ...command].join(' ')}`)
  }
})

test('lists its exit codes', async () => {
  await using place = await openPlace()
  const { stdout } = await place.halo('--help')
  for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 8, 130])
    assert.match(stdout, new RegExp(`^ {2}${code} {2}\\S`, 'm'))
})

test('refuses unknown commands and options, and missing or extra arguments, with exit code 2', async () => {
  await using place = await openPlace()
  const wrong: readonly (readonly [RegExp, ...string[]])[] = [
    [/unknown command 'walet'.*Did you mean wallet/s, 'walet'],
    [/unknown option '--pric'.*Did you mean --price/s, 'wallet', 'publish', '--pric', '1'],
    [/missing required argument 'file'/, 'wallet', 'import'],
    [/required option '--out <dir>' not specified/, 'research', 'collect', '0x12'],
    [/too many arguments/, 'wallet', 'list', 'extra'],
    [/required option '--chain-url <url>' not specified/, 'node', 'init'],
  ]
  for (const [said, ...args] of wrong) {
    const ended = await place.halo(...args)
    assert.is(ended.code, 2, args.join(' '))
    assert.is(ended.stdout, '')
    assert.match(ended.stderr, said)
    assert.match(ended.stderr, '--help')
    assertPlain(ended)
  }
})

test('says wrong usage as one JSON object when asked for JSON', async () => {
  await using place = await openPlace()
  for (const args of [
    ['walet'],
    ['wallet', 'list', '--nonsense'],
    ['wallet', 'import'],
    ['dev', '--peers', 'many'],
  ]) {
    const { code, value } = await place.json(...args)
    assert.is(code, 2)
    assert.equal([value.ok, value.error.code, value.error.reason], [false, 'USAGE', null])
  }
})

test('names the option or id that cannot be used, before anything is opened', async () => {
  await using place = await openPlace()
  const dataset = `0x${'1'.repeat(64)}`
  const asking = ['research', 'request', '--organisation', 'A', '--project', 'B']
  const wrong: readonly (readonly [string, ...string[]])[] = [
    ['--threshold', 'dev', '--threshold', '5'],
    ['--unit', 'dev', '--unit', 'mg'],
    ['--data', 'dev', '--data', '/'],
    ['--price', 'wallet', 'publish', '--price', '0,02'],
    ['--threshold', 'wallet', 'publish', '--threshold', '6'],
    ['--max-price', 'research', 'search', '--max-price', 'cheap'],
    ['data set', ...asking, '0x12'],
    ['--answer-within', ...asking, dataset, '--answer-within', '7'],
    ['request', 'wallet', 'approve', 'first'],
    ['request', 'research', 'collect', '0x00', '--out', place.path('out')],
  ]
  for (const [named, ...args] of wrong) {
    const ended = await place.halo(...args)
    assert.is(ended.code, 2, `${args.join(' ')}: ${ended.stderr}`)
    assert.is(ended.stdout, '')
    assert.match(ended.stderr, named)
    assertPlain(ended)
  }
  assert.equal(await place.processes(), [])
})

test.run()
