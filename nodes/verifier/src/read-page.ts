import { readFile } from 'node:fs/promises'
import { VerifierError } from './errors.ts'

/**
 * The page that checks proofs, as one HTML text. In a checkout it is made of its sources; where only the
 * built package is, it was made when that was built.
 * @throws VerifierError `PAGE_MISSING`
 */
export async function readPage(): Promise<string> {
  if (import.meta.url.endsWith('.ts')) return buildFromSource()
  try {
    return await readFile(new URL('./verify.html', import.meta.url), 'utf8')
  } catch (cause) {
    throw new VerifierError('PAGE_MISSING', 'The page was not built. Run npm run build first.', { cause })
  }
}

/** The bundler is there in a checkout only, so that it is no import of this package. */
async function buildFromSource(): Promise<string> {
  const script = new URL('../scripts/page.ts', import.meta.url).href
  const { buildPage } = (await import(script)) as { buildPage(): Promise<string> }
  return buildPage()
}
