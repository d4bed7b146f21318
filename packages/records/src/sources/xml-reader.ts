import type { SaxesTagPlain } from 'saxes'
import { SaxesParser } from 'saxes'
import { RecordsError } from '../errors.ts'

/** What a reader of one kind of XML is told, in document order. */
export interface XmlHandler {
  /** An element begins; `depth` is 1 for the root. */
  open(name: string, attributes: Readonly<Record<string, string>>, depth: number): void
  /** An element ends; `text` is what stood directly before the end tag, '' after a child element. */
  close(name: string, depth: number, text: string): void
}

/** Reads XML that arrives in pieces; holds at most one tag or stretch of text. */
export interface XmlReader {
  push(text: string): void
  /** @throws RecordsError `XML_MALFORMED` when elements are still open, `FILE_EMPTY` when there was nothing */
  end(): void
}

/** Deeper than any such export; each open element is held. */
const MAX_DEPTH = 32

/** How often the bound on one tag is looked at. */
const SLICE_LENGTH = 16_384

/**
 * Opens a reader of well-formed XML. A DTD is passed over unread: entities that it declares are not known, so
 * that a reference to one ends the reading instead of growing, and nothing outside of the file is ever asked for.
 * @param maxTagBytes bounds a tag, comment, DTD or stretch of text, and so the memory
 * @param hasText whether the handler needs texts
 * @throws RecordsError while reading: `XML_MALFORMED`, `LINE_TOO_LONG`; messages count elements and repeat nothing
 * @see https://www.w3.org/TR/xml/#sec-prolog-dtd
 */
export function createXmlReader(handler: XmlHandler, maxTagBytes: number, hasText = false): XmlReader {
  const parser = new SaxesParser({ position: false, xmlns: false })
  let depth = 0
  let elements = 0
  let text = ''
  let pushed = 0
  let lastEventAt = 0
  let isEmpty = true
  const checkLength = (at: number): void => {
    if (at - lastEventAt > maxTagBytes) throw tooLong(elements, maxTagBytes)
  }
  const settle = (): void => {
    // Right within a handler only: between two writes the parser counts the last piece twice.
    checkLength(parser.position)
    lastEventAt = parser.position
  }

  parser.on('error', () => {
    throw malformed(elements, 'is not well-formed')
  })
  parser.on('opentag', (tag: SaxesTagPlain) => {
    settle()
    elements += 1
    depth += 1
    text = ''
    if (depth > MAX_DEPTH) throw malformed(elements, `is nested deeper than ${MAX_DEPTH} levels`)
    handler.open(tag.name, tag.attributes, depth)
  })
  parser.on('closetag', (tag: SaxesTagPlain) => {
    settle()
    handler.close(tag.name, depth, text)
    depth -= 1
    text = ''
  })
  parser.on('comment', settle)
  parser.on('doctype', settle)
  parser.on('processinginstruction', settle)
  if (hasText) {
    // A comment or a character section cuts one text into several.
    const append = (part: string): void => {
      text += part
      if (text.length > maxTagBytes) throw tooLong(elements, maxTagBytes)
    }
    parser.on('text', append)
    parser.on('cdata', append)
  }

  return {
    push(piece) {
      for (let from = 0; from < piece.length; from += SLICE_LENGTH) {
        isEmpty = false
        const slice = piece.slice(from, from + SLICE_LENGTH)
        parser.write(slice)
        pushed += slice.length
        checkLength(pushed)
      }
    },
    end() {
      if (isEmpty) throw new RecordsError('FILE_EMPTY', 'The file is empty. Choose the export again.')
      parser.close()
    },
  }
}

function malformed(elements: number, what: string): RecordsError {
  return new RecordsError(
    'XML_MALFORMED',
    `The XML ${what} after element ${elements}. The file is cut off, damaged or no such export: export it again.`,
    { element: elements },
  )
}

function tooLong(elements: number, maxTagBytes: number): RecordsError {
  return new RecordsError(
    'LINE_TOO_LONG',
    `A tag or text after element ${elements} is longer than ${maxTagBytes} characters. No such export has one.`,
    { element: elements, maxTagBytes },
  )
}
