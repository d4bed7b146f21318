/** Bounds on what callers make a peer do. Times in milliseconds. */
export interface ServeLimits {
  /** For a request to arrive in full; cuts who sends byte by byte. */
  readonly requestTimeoutMs: number
  /** For an answer, which may wait for a transaction to be mined. */
  readonly callTimeoutMs: number
  /** For the next frame of a byte stream. */
  readonly idleTimeoutMs: number
  /** For a whole byte stream. */
  readonly streamTimeoutMs: number
  /** Bytes per second that the caller's side of a byte stream must manage on average after the grace. */
  readonly streamLeastBytesPerSecond: number
  /** Waiting for the caller of a byte stream before its rate counts. */
  readonly streamGraceMs: number
  /** For a caller to close its side after the answer. */
  readonly lingerMs: number
  /** Short calls at once of one stranger; a phone needs two. */
  readonly callsPerStranger: number
  /**
   * Short calls at once of all strangers at one address (IPv6: one /64): enough for the phones behind a
   * hospital's NAT. Behind a reverse proxy every stranger has the proxy's address: raise it to the total.
   */
  readonly callsPerAddress: number
  /** Short calls at once of all strangers, several addresses' worth. */
  readonly callsOfStrangers: number
  /** Byte streams at once of one stranger: a wallet that stores, a researcher who collects. */
  readonly streamsPerStranger: number
  /** Byte streams at once of all strangers at one address; see `callsPerAddress`. */
  readonly streamsPerAddress: number
  /** Byte streams at once of all strangers; each may hold 4 MiB of buffers. */
  readonly streamsOfStrangers: number
  /** Short calls at once of one member. */
  readonly callsPerMember: number
  /** Short calls at once of all members; counted apart, so that strangers cannot crowd them out. */
  readonly callsOfMembers: number
  /** Byte streams at once of one member, which reads shards for many researchers. */
  readonly streamsPerMember: number
  /** Byte streams at once of all members. */
  readonly streamsOfMembers: number
}

/** The limits a peer starts with. */
export const SERVE_LIMITS: ServeLimits = {
  requestTimeoutMs: 10_000,
  callTimeoutMs: 60_000,
  idleTimeoutMs: 30_000,
  streamTimeoutMs: 3_600_000,
  streamLeastBytesPerSecond: 4096,
  streamGraceMs: 30_000,
  lingerMs: 5_000,
  callsPerStranger: 8,
  callsPerAddress: 64,
  callsOfStrangers: 256,
  streamsPerStranger: 8,
  streamsPerAddress: 16,
  streamsOfStrangers: 64,
  callsPerMember: 32,
  callsOfMembers: 128,
  streamsPerMember: 32,
  streamsOfMembers: 128,
}
