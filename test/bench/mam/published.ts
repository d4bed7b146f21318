import type { Row } from '../bench.ts'

/**
 * What papers report of publishing one message. Theirs includes what ours does not: a public node, and its
 * proof of work. So these are not to be divided by one another; they say what people waited for.
 *
 * Zheng et al. 2019, "Accelerating Health Data Sharing", J Med Internet Res 21(6):e13583, Table 1, 100
 * trials each. Hawig et al. 2019, "Designing a Distributed Ledger Technology System for Interoperable and
 * GDPR-Compliant Health Data Exchange", J Med Internet Res 21(6):e13665, Table 1: create and attach, a message
 * being three transactions. Neither names its level of security.
 */
export const PUBLISHED: readonly Row[] = [
  { name: 'Zheng 2019: published, restricted, 29 B', meanSec: 17.35, maxSec: 33.41 },
  { name: 'Zheng 2019: published, public, 260 B', meanSec: 20.41, maxSec: 55.41 },
  { name: 'Zheng 2019: published, restricted, 570 B', meanSec: 19.99, maxSec: 55.17 },
  { name: 'Zheng 2019: published from a Raspberry Pi, public, 260 B', meanSec: 22.56, maxSec: 40.36 },
  { name: 'Hawig 2019: created, 857 B', meanSec: 3.5 },
  { name: 'Hawig 2019: created and attached, 857 B', meanSec: 6.1 },
]
