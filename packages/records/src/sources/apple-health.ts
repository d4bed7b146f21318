import { RecordsError } from '../errors.ts'
import { createPressureReader } from './apple-health-pressure.ts'
import { pressureOf, readRecord } from './apple-health-record.ts'
import type { Attributes } from './apple-health-times.ts'
import { createTimeReader } from './apple-health-times.ts'
import { APPLE_ELEMENTS } from './apple-health-types.ts'
import type { SettlingRule } from './note-book.ts'
import type { OpenSource } from './source.ts'
import type { TextReader } from './vital-signs-conversion.ts'
import { convertText } from './vital-signs-conversion.ts'
import type { VitalSignWriter } from './vital-signs-writer.ts'
import { createXmlReader } from './xml-reader.ts'

const PRESSURE = 'HKCorrelationTypeIdentifierBloodPressure'

/** No measurement has more parts; a correlation of food may. */
const MAX_PARTS = 16

const CONTROL_CHARACTERS: SettlingRule = {
  rule: 'control-characters',
  text: 'Characters that XML does not allow were taken as blanks; some apps write such into their notes.',
}

/**
 * Reads the `export.xml` of Apple Health in one pass, element by element: vital signs, steps, energy, sleep
 * and glucose become Observations in the file's order. Who the patient is, names of sources, devices and apps
 * stay behind. Records that cannot be read are left out and counted, because nobody can mend a line in such
 * a file; a file that is no whole XML is refused.
 * @see https://developer.apple.com/documentation/healthkit
 */
export const openAppleHealth: OpenSource = (source, options) =>
  convertText('apple-health', source, options, createExportReader)

function createExportReader(writer: VitalSignWriter): TextReader {
  const timesOf = createTimeReader()
  const pressures = createPressureReader(writer, timesOf)
  let parts: Attributes[] | null = null

  function takeElement(name: string, attributes: Attributes): void {
    writer.nextEntry()
    if (name === 'Record') {
      if (pressureOf(attributes) === undefined) writer.take(readRecord(attributes, timesOf))
      else pressures.takeAlone(attributes)
    } else if (name !== 'Correlation') writer.leaveOut(APPLE_ELEMENTS.get(name) ?? 'other-elements')
    else if (attributes['type'] === PRESSURE) parts = []
    else writer.leaveOut('correlation')
  }

  const xml = createXmlReader(
    {
      open(name, attributes, depth) {
        if (depth === 1) refuseOther(name)
        else if (depth === 2) takeElement(name, attributes)
        else if (parts !== null && depth === 3 && name === 'Record' && parts.length < MAX_PARTS)
          parts.push(attributes)
      },
      close(_name, depth) {
        if (depth !== 2 || parts === null) return
        pressures.takePair(parts)
        parts = null
      },
    },
    writer.maxLineBytes,
  )
  return {
    push(text) {
      const clean = text.replace(DISALLOWED, ' ')
      if (clean !== text) writer.note(CONTROL_CHARACTERS)
      xml.push(clean)
    },
    end() {
      xml.end()
      pressures.end()
    },
  }
}

/** @see https://www.w3.org/TR/xml/#charsets */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be found
const DISALLOWED = /[\u0001-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

function refuseOther(root: string): void {
  if (root === 'HealthData') return
  throw new RecordsError(
    'FORMAT_UNKNOWN',
    'The file is not the export of Apple Health. Choose export.xml from the archive that the Health app makes.',
  )
}
