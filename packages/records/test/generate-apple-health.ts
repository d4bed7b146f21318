/**
 * Makes up the `export.xml` of one person, in chunks of about 64 KiB, for measurements of speed and memory.
 * The same size gives the same bytes. Heart rates and steps alternate, with the long descriptions of devices
 * that real exports have; about one record in a hundred is said twice.
 * @param bytes the least size of the file; it ends with the record that reaches it
 */
export async function* generateAppleHealthXml(bytes: number): AsyncGenerator<string> {
  let size = HEAD.length
  let chunk = HEAD
  for (let index = 0; size < bytes; index++) {
    const record = recordAt(index - (index % 100 === 99 ? 1 : 0))
    chunk += record
    size += record.length
    if (chunk.length < 65_536) continue
    yield chunk
    chunk = ''
  }
  yield `${chunk}</HealthData>\n`
}

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary)*)>
]>
<HealthData locale="en_CH">
 <ExportDate value="2026-02-01 10:00:00 +0100"/>
 <Me HKCharacteristicTypeIdentifierDateOfBirth="1961-07-23"/>
`

const SOURCE =
  'sourceName="Watch" sourceVersion="9.6.3" device="&lt;&lt;HKDevice: 0x283f5b1d0&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,2, software:9.6.3&gt;"'

const START_MS = Date.UTC(2016, 0, 1)

function recordAt(index: number): string {
  const start = dateText(START_MS + index * 5000)
  const end = dateText(START_MS + index * 5000 + 4000)
  if (index % 2 === 0)
    return ` <Record type="HKQuantityTypeIdentifierHeartRate" ${SOURCE} unit="count/min" creationDate="${end}" startDate="${start}" endDate="${start}" value="${50 + (index % 97)}">\n  <MetadataEntry key="HKMetadataKeyHeartRateMotionContext" value="1"/>\n </Record>\n`
  return ` <Record type="HKQuantityTypeIdentifierStepCount" ${SOURCE} unit="count" creationDate="${end}" startDate="${start}" endDate="${end}" value="${index % 12}"/>\n`
}

function dateText(timeMs: number): string {
  const text = new Date(timeMs).toISOString()
  return `${text.slice(0, 10)} ${text.slice(11, 19)} +0000`
}
