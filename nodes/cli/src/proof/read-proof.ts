import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Hex } from '@halo/proofs'
import type { ProofFile } from '@halo/verifier'
import { hashBytes, MAX_PROOF_BYTES, readProofFile } from '@halo/verifier'
import { CliError } from '../errors.ts'

/**
 * Reads a proof file, or standard input for `-`; never more than a proof can have.
 * @throws CliError `FILE_UNREADABLE`; VerifierError or ProofsError for what is no proof
 */
export async function readProof(path: string): Promise<ReadProof> {
  const bytes = await readBytes(path)
  return { file: readProofFile(bytes), sha256: hashBytes(bytes) }
}

/** A proof, and what its file is known by. */
export interface ReadProof {
  readonly file: ProofFile
  /** Of the file's bytes. */
  readonly sha256: Hex
}

async function readBytes(path: string): Promise<Uint8Array> {
  if (path === '-') return readAtMost(process.stdin, MAX_PROOF_BYTES + 1)
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  if (!found.isFile()) throw new CliError('FILE_UNREADABLE', `${path} is not a file.`)
  const end = MAX_PROOF_BYTES
  return readAtMost(createReadStream(path, { end }), MAX_PROOF_BYTES + 1).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
}

/** All of a stream, or as much of it as shows that it is too much. */
async function readAtMost(chunks: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Uint8Array> {
  const read: Uint8Array[] = []
  let readBytes = 0
  for await (const chunk of chunks) {
    read.push(chunk)
    readBytes += chunk.length
    if (readBytes >= mostBytes) break
  }
  return new Uint8Array(Buffer.concat(read))
}

function unreadable(path: string, cause: unknown): CliError {
  return new CliError('FILE_UNREADABLE', `The file ${path} cannot be read. Check its name and rights.`, {
    cause,
  })
}
