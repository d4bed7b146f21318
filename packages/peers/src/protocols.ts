/** The Halo protocols; the last part is the version of the wire format. */
export const PROTOCOLS = {
  store: '/halo/store/2',
  request: '/halo/request/3',
  release: '/halo/release/1',
  collect: '/halo/collect/2',
  shard: '/halo/shard/1',
} as const

/**
 * What anyone may open on a peer. `/halo/shard/1` is among them only so that its server can answer
 * strangers with `NOT_A_MEMBER`; it reads nothing of what they send.
 */
export const OPEN_PROTOCOLS: ReadonlySet<string> = new Set([
  ...Object.values(PROTOCOLS),
  '/ipfs/id/1.0.0',
  '/ipfs/ping/1.0.0',
])

/** Halo protocols that only members may use. */
export const MEMBER_PROTOCOLS: ReadonlySet<string> = new Set([PROTOCOLS.shard])
