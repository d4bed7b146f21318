import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('peers/browser-bundle')

test('the client bundles for a browser without anything of Node', async () => {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `export { openPeerLink, verifyReceipt } from '@halo/peers'`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2024',
    conditions: ['@halo/source'],
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const [bundle] = outputFiles
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path))
  assert.equal(
    imports.filter((path) => path.startsWith('node:')),
    [],
  )
  process.stdout.write(`bundle: ${Math.round((bundle?.contents.length ?? 0) / 1024)} KiB minified\n`)
  assert.ok((bundle?.contents.length ?? 0) > 10_000)
})

test.run()
