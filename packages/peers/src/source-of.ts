import type { Multiaddr } from '@multiformats/multiaddr'

const MAPPED_IPV4 = [0, 0, 0, 0, 0, 0xffff]

/**
 * What a connection is counted under: an IPv4 address, or the first 64 bits of an IPv6 address, of
 * which one household or machine has 2^64. What is no IP address is counted together.
 * @see https://www.rfc-editor.org/rfc/rfc4291#section-2.5
 */
export function sourceOf(address: Multiaddr): string {
  for (const { name, value } of address.getComponents()) {
    if (name === 'ip4' && value !== undefined) return value
    if (name === 'ip6' && value !== undefined) return sourceOfIpv6(value)
  }
  return 'unknown'
}

function sourceOfIpv6(text: string): string {
  const groups = groupsOf(text)
  if (groups === null) return 'unknown'
  // A socket for both families shows IPv4 callers like this: ::ffff:192.0.2.1.
  if (MAPPED_IPV4.every((group, at) => groups[at] === group))
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.')
  const network = groups.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

/** The eight groups of an IPv6 address; URL brings the many spellings into one. */
function groupsOf(text: string): readonly number[] | null {
  const url = URL.parse(`http://[${text}]/`)
  if (url === null) return null
  const [head = '', tail] = url.hostname.slice(1, -1).split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16))
}
