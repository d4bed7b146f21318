import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ProofFile } from '@halo/verifier'
import { MAX_PROOF_BYTES, readProofFile } from '@halo/verifier'
import { CliError } from '../errors.ts'

/**
 * Reads a proof file, or standard input for `-`; never more than a proof can have.
 * @throws CliError `FILE_UNREADABLE`; VerifierError or ProofsError for what is no proof
 */
export async function readProof(path: string): Promise<ProofFile> {
  if (path === '-') return readProofFile(await readAtMost(process.stdin, MAX_PROOF_BYTES + 1))
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  if (!found.isFile()) throw new CliError('FILE_UNREADABLE', `${path} is not a file.`)
  const end = MAX_PROOF_BYTES
  const bytes = await readAtMost(createReadStream(path, { end }), MAX_PROOF_BYTES + 1).catch(
    (cause: unknown) => {
      throw unreadable(path, cause)
    },
  )
  return readProofFile(bytes)
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
