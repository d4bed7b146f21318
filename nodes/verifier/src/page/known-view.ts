import type { KnownTexts } from '../known.ts'
import { element } from './element.ts'

/**
 * A form for what somebody knows from elsewhere: what a page with no network cannot ask for.
 * @param isNeeded whether it is shown at once
 */
export function knownView(
  given: KnownTexts,
  isNeeded: boolean,
  onKnown: (texts: KnownTexts) => void,
): HTMLElement {
  const blockHash = element('input', { id: 'block-hash', autocomplete: 'off', spellcheck: 'false' })
  const operatorKeys = element('textarea', { id: 'operator-keys', rows: '3', spellcheck: 'false' })
  blockHash.value = given.blockHash ?? ''
  operatorKeys.value = given.operatorKeys ?? ''
  const form = element(
    'form',
    {},
    element('p', {}, 'This page asks nobody. What you know from a source you trust can be filled in here.'),
    element(
      'label',
      { for: 'block-hash' },
      'Hash of the block that holds the state, from a node or explorer',
    ),
    blockHash,
    element('label', { for: 'operator-keys' }, 'Keys of the logs of all operators, one a line'),
    operatorKeys,
    element('button', { type: 'submit' }, 'Check again'),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    onKnown({ blockHash: blockHash.value, operatorKeys: operatorKeys.value })
  })
  return element(
    'details',
    { class: 'known', ...(isNeeded ? { open: '' } : {}) },
    element('summary', {}, 'What you know from elsewhere'),
    form,
  )
}
