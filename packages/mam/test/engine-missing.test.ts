import { registerHooks } from 'node:module'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOfAsync } from '../../../test/claims/code-of.ts'
import { openEngine } from '../src/index.ts'

const test = suite('mam/engine-missing')

test('says that an engine is missing whose library cannot be loaded, and does without it', async () => {
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === '@iota/mam.js') throw new Error('not installed')
      return next(specifier, context)
    },
  })
  assert.is(await codeOfAsync(() => openEngine('mam.js')), 'ENGINE_MISSING')
  assert.is((await openEngine('simd')).kind, 'simd')
})

test.run()
