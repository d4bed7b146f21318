import { createHash } from 'node:crypto'
import { jsonSafe } from '../output.ts'

/** A report with the hash by which it is known again: SHA-256 of its text without this field, lower-case hex. */
export type Sealed<Content> = Content & { readonly sha256: string }

/** Adds to a report the hash of all that it holds. */
export function sealReport<Content extends object>(content: Content): Sealed<Content> {
  return { ...content, sha256: hashText(renderReport(content)) }
}

/** A report as it is written down. */
export function renderReport(report: object): string {
  return `${JSON.stringify(report, jsonSafe, 2)}\n`
}

/** What a sealed report holds; null for any other text, also for a report in which a single character was changed. */
export function unsealReport(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const { sha256: _, ...content } = JSON.parse(text) as Readonly<Record<string, unknown>>
    return text === renderReport(sealReport(content)) ? content : null
  } catch {
    return null
  }
}

/** SHA-256 of a text in UTF-8, lower-case hex. */
export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
