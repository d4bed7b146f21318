import type { FhirResource } from '@halo/records'
import { isResource, parseFhirJson, RecordsError } from '@halo/records'

/**
 * FHIR as NDJSON, whatever way the JSON is laid out: a file whose first line is no JSON by itself is one
 * resource over several lines, and becomes one line. Line breaks inside JSON stand between tokens only.
 */
export async function* asResourceLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = new Uint8Array()
  let isSpread: boolean | null = null
  for await (const chunk of source) {
    if (isSpread === null) {
      head = joined(head, chunk)
      isSpread = isSpreadOut(head)
      if (isSpread === null) continue
      yield isSpread ? unbroken(head) : head
    } else yield isSpread ? unbroken(chunk) : chunk
  }
  if (isSpread === null) yield head
}

/** The resources of a file, however the JSON is laid out. @throws RecordsError `JSON_MALFORMED`, `FORMAT_UNKNOWN` */
export async function* readResources(source: AsyncIterable<Uint8Array>): AsyncGenerator<FhirResource> {
  let row = 0
  for await (const line of splitLines(asResourceLines(source))) {
    row += 1
    if (line.trim() === '') continue
    const value = parseFhirJson(line, row)
    if (!isResource(value))
      throw new RecordsError(
        'FORMAT_UNKNOWN',
        `Line ${row} is not a FHIR resource. Convert the file first.`,
        { row },
      )
    yield value
  }
}

/** What is in a Bundle; any other resource itself. */
export function entriesOf(resource: FhirResource): readonly FhirResource[] {
  const entries = resource.resourceType === 'Bundle' ? resource['entry'] : undefined
  if (!Array.isArray(entries)) return [resource]
  return entries.map((entry) => entry?.resource).filter(isResource)
}

async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  yield rest + decoder.decode()
}

const LINE_FEED = 0x0a
const MAX_HEAD_BYTES = 1 << 20

/** Null while the first line with content is not complete. */
function isSpreadOut(head: Uint8Array): boolean | null {
  const from = head.findIndex((byte) => byte > 0x20 && byte < 0x80)
  const end = from === -1 ? -1 : head.indexOf(LINE_FEED, from)
  if (end === -1) return head.length > MAX_HEAD_BYTES ? false : null
  try {
    JSON.parse(new TextDecoder().decode(head.subarray(from, end)))
    return false
  } catch {
    return true
  }
}

function unbroken(chunk: Uint8Array): Uint8Array {
  return chunk.map((byte) => (byte === LINE_FEED || byte === 0x0d ? 0x20 : byte))
}

function joined(head: Uint8Array, chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(head.length + chunk.length)
  bytes.set(head)
  bytes.set(chunk, head.length)
  return bytes
}
