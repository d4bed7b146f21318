import { multiaddr } from '@multiformats/multiaddr'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sourceOf } from '../src/source-of.ts'

const test = suite('peers/source-of')

const SOURCES: Readonly<Record<string, string>> = {
  '/ip4/192.0.2.1/tcp/4001': '192.0.2.1',
  '/ip4/192.0.2.1/tcp/4002/ws': '192.0.2.1',
  '/ip6/2001:db8:1:2:3:4:5:6/tcp/4001': '2001:db8:1:2::/64',
  '/ip6/2001:db8:1:2::1/tcp/4001': '2001:db8:1:2::/64',
  '/ip6/2001:db8:1:3::1/tcp/4001': '2001:db8:1:3::/64',
  '/ip6/::1/tcp/4001': '0:0:0:0::/64',
  '/ip6zone/eth0/ip6/fe80::1/tcp/4001': 'fe80:0:0:0::/64',
  '/dns4/example.org/tcp/4001': 'unknown',
  '/unix/%2Ftmp%2Fsocket': 'unknown',
}
for (const [address, source] of Object.entries(SOURCES)) {
  test(`counts ${address} under ${source}`, () => {
    assert.is(sourceOf(multiaddr(address)), source)
  })
}

test('counts an IPv4 caller the same on a socket for both families', () => {
  for (const text of ['::ffff:192.0.2.1', '::ffff:c000:201'])
    assert.is(sourceOf(multiaddr(`/ip6/${text}/tcp/1`)), '192.0.2.1', text)
})

test.run()
