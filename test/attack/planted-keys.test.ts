import {
  createNoteSigner,
  createNoteVerifier,
  encodeEvidence,
  formatLogOrigin,
  formatVerifierKey,
} from '@halo/proofs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { NO_BROWSER, openPage } from '../../nodes/verifier/test/open-page.ts'
import { makeEvidence } from '../../packages/proofs/test/evidence-bundle.ts'
import { declareSkip } from '../../packages/records/test/shared-data.ts'

const test = suite('attack/planted-keys')
const TITLE =
  'keys and contracts that come with a proof, in files of any name, take the place of nothing that somebody knows'

async function attack(): Promise<void> {
  // The forger's own Halo: whole in itself, signed by an operator whom nobody knows.
  const { evidence, facts } = await makeEvidence()
  const logKey = facts.operators?.[0]?.logKey
  assert.ok(evidence.inclusion && logKey)
  const origin = formatLogOrigin(evidence.inclusion.log)
  const forged = formatVerifierKey(createNoteVerifier(origin, logKey))
  const honest = formatVerifierKey(createNoteSigner(origin, new Uint8Array(32).fill(7)).verifier)
  const network = JSON.stringify(evidence.deployment)

  await using opened = await openPage()
  await opened.choose('proof.halo-proof.json', encodeEvidence(evidence))
  await opened.addKnown('network.json', network)
  await opened.addKnown('operators', honest)
  const before = [await opened.title(), await opened.parts()]
  assert.is(before[0], 'Not enough to rely on')
  for (const place of ['body', '#drop'])
    for (const name of ['delivered.ndjson', 'summary.json', 'operators']) {
      await opened.drop(place, { [name]: `# lines of a record\n${forged}\n` })
      await opened.page.waitForSelector('#notice:not([hidden])')
      assert.equal([await opened.title(), await opened.parts()], before, `${name} on ${place}`)
      assert.is((await opened.page.inputValue('#operator-keys')).trim(), honest)
    }
  // Together with the next proof they vouch for nothing either.
  await opened.drop('body', { 'proof.json': encodeEvidence(evidence), operators: forged, network })
  await opened.page.waitForSelector('#notice:not([hidden])')
  assert.is(await opened.title(), 'Not enough to rely on')
  await opened.addKnown('operators', forged)
  assert.is(await opened.title(), 'The proof holds', 'as it does once somebody says to know that key')
}

if (NO_BROWSER === null) test(TITLE, attack)
else declareSkip('attack/planted-keys', TITLE, NO_BROWSER)

test.run()
