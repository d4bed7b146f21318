import type { FhirResource } from '../text/fhir-json.ts'
import { parseResource } from '../text/fhir-json.ts'
import { MAX_JSON_BYTES } from '../text/json-lines.ts'
import { createJsonSplitter, readJsonTexts } from '../text/json-texts.ts'
import { checkCount } from '../text/options.ts'

/** How to read resources. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
  /** Told the size of every chunk before it is read. */
  readonly onBytes?: ((bytes: number) => void) | undefined
  /** Bounds what is held of one resource. @defaultValue 16 MiB */
  readonly maxLineBytes?: number | undefined
}

/**
 * The resources of a file of FHIR JSON, one by one as they are in it: NDJSON, resources laid out over several
 * lines, or a list of them. A Bundle is one resource.
 * @throws RecordsError while iterating: `OPTION_INVALID`, `FILE_EMPTY`, `FORMAT_UNKNOWN` for bytes that are no UTF-8
 * text or JSON that is no resource; and naming the row `JSON_MALFORMED`, `LINE_TOO_LONG`
 */
export async function* readResources(
  source: AsyncIterable<Uint8Array | string>,
  options: ReadOptions = {},
): AsyncGenerator<FhirResource> {
  const { signal, onBytes, maxLineBytes = MAX_JSON_BYTES } = options
  const splitter = createJsonSplitter(checkCount('maxLineBytes', maxLineBytes))
  for await (const { text, row } of readJsonTexts(source, splitter, { signal, onBytes }))
    yield parseResource(text, row)
}
