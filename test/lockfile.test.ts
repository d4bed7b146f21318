import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Lockfile } from './lockfile/optional.ts'
import { missingPlatformEntries } from './lockfile/optional.ts'

const test = suite('test/lockfile')
const TEXT = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')

test('names every platform package, so that `npm ci` accepts it (mend with `npm run lock`)', () => {
  assert.equal(Object.keys(missingPlatformEntries(JSON.parse(TEXT) as Lockfile)), [])
})

test('names no registry', () => {
  const hosts = [...TEXT.matchAll(/"resolved": "([a-z+]+:\/\/[^/"]+)/g)].map(([, host]) => host)
  assert.equal([...new Set(hosts)], [])
})

test('completes a lock that lacks platform packages, and only those', () => {
  const lock: Lockfile = {
    packages: {
      'node_modules/tool': {
        version: '1.0.0',
        dev: true,
        optionalDependencies: {
          'tool-linux-x64': '1.0.0',
          'tool-linux-arm64-musl': '1.0.0',
          '@tool/darwin-arm64': '1.0.0',
          bufferutil: '^4.0.0',
        },
      },
      'node_modules/tool-linux-x64': { version: '1.0.0', optional: true },
    },
  }
  assert.equal(missingPlatformEntries(lock), {
    'node_modules/tool-linux-arm64-musl': {
      version: '1.0.0',
      cpu: ['arm64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    },
    'node_modules/@tool/darwin-arm64': {
      version: '1.0.0',
      cpu: ['arm64'],
      dev: true,
      optional: true,
      os: ['darwin'],
    },
  })
})

test.run()
