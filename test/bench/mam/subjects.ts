import { encodeBytes, type MamEngine, type MamMode, type MaskedMessage, type SecurityLevel } from '@halo/mam'

/** The seed of all messages that are measured, of nobody's channel. */
export const SEED = 'HALOBENCH'.repeat(9)

/** What a message is made of, its trees aside. */
export interface Subject {
  readonly mode: MamMode
  readonly security: SecurityLevel
  readonly sideKey: string | undefined
  readonly trytes: string
}

/** A message of so many bytes, the same every time. */
export function makeSubject(sizeBytes: number, mode: MamMode, security: SecurityLevel): Subject {
  const bytes = Uint8Array.from({ length: sizeBytes }, (_, at) => (at * 197 + sizeBytes) % 251)
  return {
    mode,
    security,
    sideKey: mode === 'restricted' ? 'SIDEKEY' : undefined,
    trytes: encodeBytes(bytes),
  }
}

/** A message with both of its trees derived for it. */
export function makeMessage(engine: MamEngine, subject: Subject, index: number): MaskedMessage {
  return engine.createMessage(prepare(engine, subject, index))
}

/** What {@link makeMessage} makes it from. */
export function prepare(
  engine: MamEngine,
  subject: Subject,
  index: number,
): Parameters<MamEngine['createMessage']>[0] {
  const [tree, nextTree] = engine.deriveTrees(SEED, index, 2, subject.security)
  if (tree === undefined || nextTree === undefined) throw new Error('two trees were asked for')
  return { ...subject, tree, nextTree }
}
