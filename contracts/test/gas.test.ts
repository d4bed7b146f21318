import { readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import type { TransactionReceipt } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LocalContracts } from './local-contracts.ts'
import { answerArgs, call, draft, makeRequest, sign, startContracts } from './local-contracts.ts'
import { measureLog } from './log-gas.ts'

const test = suite('contracts/gas')
const README = new URL('../README.md', import.meta.url)
const SNAPSHOT = new URL('../gas-snapshot.json', import.meta.url)

test('costs what the snapshot says, to the last unit', async () => {
  await using halo = await startContracts(5)
  const measured = await measure(halo)
  if (process.argv.includes('--update')) {
    await writeFile(SNAPSHOT, `${JSON.stringify(measured, null, 2)}\n`)
  }
  assert.equal(measured, JSON.parse(await readFile(SNAPSHOT, 'utf8')))
})

test('is told in the README as the snapshot has it', async () => {
  const snapshot: Gas = JSON.parse(await readFile(SNAPSHOT, 'utf8'))
  const readme = (await readFile(README, 'utf8')).replaceAll(/\s+/g, ' ')
  const [first, next] = [inGroups(snapshot['life first']), inGroups(snapshot['life next'])]
  const claim = `${first} for accounts that are new to the contracts, ${next} afterwards`
  assert.ok(readme.includes(claim), `the README must say: ${claim}`)
})

test('is told in the README for logs as well', async () => {
  const snapshot: Gas = JSON.parse(await readFile(SNAPSHOT, 'utf8'))
  const readme = (await readFile(README, 'utf8')).replaceAll(/\s+/g, ' ')
  const of = (name: string): string => inGroups(snapshot[name])
  const claims = [
    `${of('anchor root first')} for an operator's first, ${of('anchor root next')} afterwards`,
    `${of('verify inclusion in 10000')} and ${of('verify inclusion in 10000000')} to verify inclusion`,
    `${of('verify consistency with 10000')} and ${of('verify consistency with 10000000')} to verify consistency`,
  ]
  for (const claim of claims) assert.ok(readme.includes(claim), `the README must say: ${claim}`)
})

function inGroups(figure = Number.NaN): string {
  return figure.toLocaleString('en').replaceAll(',', ' ')
}

type Gas = Record<string, number>

async function measure(halo: LocalContracts): Promise<Gas> {
  const gas: Gas = {}
  const note = (name: string, receipt: TransactionReceipt): void => {
    gas[name] = Number(receipt.gasUsed)
  }
  await life(halo, draft(halo), 'first', note)
  await life(halo, draft(halo, { nonce: `0x${'11'.repeat(32)}` }), 'next', note)
  const declined = draft(halo, { nonce: `0x${'22'.repeat(32)}` })
  await makeRequest(halo, declined)
  note(
    'decline',
    await call(halo.consent, relayer(halo), 'decline', await answerArgs(halo, 'Decline', declined)),
  )
  note('refund', await call(halo.escrow, halo.stranger, 'refund', [declined]))
  note(
    'withdraw',
    await call(halo.escrow, halo.stranger, 'withdraw', [halo.patient.address, declined['currency']]),
  )
  for (const when of ['first', 'next'] as const) {
    gas[`life ${when}`] = ['request', 'grant', 'settle'].reduce(
      (sum, step) => sum + (gas[`${step} ${when}`] ?? 0),
      0,
    )
  }
  return { ...gas, ...(await measureLog(halo)) }
}

async function life(
  halo: LocalContracts,
  request: ReturnType<typeof draft>,
  when: 'first' | 'next',
  note: (name: string, receipt: TransactionReceipt) => void,
): Promise<void> {
  note(`request ${when}`, await makeRequest(halo, request))
  const args = await answerArgs(halo, 'Grant', request)
  note(`grant ${when}`, await call(halo.consent, relayer(halo), 'grant', args))
  if (when === 'first') {
    note('grant repeated', await call(halo.consent, halo.stranger, 'grant', args))
    note('settle first', await call(halo.escrow, halo.researcher, 'settle', [request]))
    note(
      'revoke',
      await call(halo.consent, relayer(halo), 'revoke', await answerArgs(halo, 'Revoke', request)),
    )
    return
  }
  const signatures = await deliveries(halo, request)
  const before = await halo.ethers.provider.send('evm_snapshot', [])
  const args2 = [request, signatures]
  note('settle with 2 deliveries', await call(halo.escrow, halo.stranger, 'settleWithDeliveries', args2))
  await halo.ethers.provider.send('evm_revert', [before])
  note('settle next', await call(halo.escrow, halo.researcher, 'settle', [request]))
}

async function deliveries(
  halo: LocalContracts,
  request: ReturnType<typeof draft>,
): Promise<readonly string[]> {
  const requestId: string = await halo.escrow.getFunction('requestIdOf')(request)
  const signers = halo.operators
    .slice(0, 2)
    .toSorted((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1))
  return Promise.all(
    signers.map((signer) =>
      sign(halo, signer as unknown as Parameters<typeof sign>[1], halo.escrow, 'Delivery', { requestId }),
    ),
  )
}

function relayer(halo: LocalContracts): LocalContracts['stranger'] {
  const [first] = halo.operators
  if (first === undefined) throw new Error('no operator')
  return first
}

test.run()
