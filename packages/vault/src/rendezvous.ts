/**
 * Rendezvous hashing (Thaler and Ravishankar, 1998): every party that knows the same candidates and
 * the same subject arrives at the same order, and adding or removing one moves only what was its own.
 * @returns candidates, highest SHA-256(subject ‖ 0 ‖ candidate) first
 */
export async function rendezvousOrder(
  candidates: readonly string[],
  subject: string,
): Promise<readonly string[]> {
  const scored = await Promise.all(
    candidates.map(async (candidate) => ({ candidate, score: await scoreOf(candidate, subject) })),
  )
  return scored.sort((a, b) => (a.score < b.score ? 1 : -1)).map(({ candidate }) => candidate)
}

/** Position of one candidate in that order, or −1. */
export async function rankOf(
  candidate: string,
  candidates: readonly string[],
  subject: string,
): Promise<number> {
  return (await rendezvousOrder(candidates, subject)).indexOf(candidate)
}

async function scoreOf(candidate: string, subject: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${subject}\0${candidate}`))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
