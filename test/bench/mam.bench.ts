import type { Bench } from './bench.ts'
import { measureCurl } from './mam/curl.ts'
import { measureJunk } from './mam/junk.ts'
import { measureMessages } from './mam/messages.ts'
import { PUBLISHED } from './mam/published.ts'

const PARTS = ['curl', 'messages', 'junk', 'papers'] as const

/** What a masked message costs to make and to read, beside the library whose format it is. */
export const bench: Bench = {
  name: 'mam',
  description:
    'masked messages of 29 B to 16 KiB, three modes, three levels of security: create cold (both trees derived) and with trees prepared, and parse, beside @iota/mam.js 1.6.3 in the same run; medians, warmed up, but for the first message of a process, which has a row of its own. Limits up to 857 B: create cold 5 ms (a quarter of the times, coldQuarterMs: on a free machine hardly less than the median, on a busy one what others leave) and 60 times as fast as stock, parse 15 times; 32 KB of junk are refused in 50 ms. Figures of papers are of publishing, with network and proof of work',
  parts: PARTS,
  limits: [
    ['coldQuarterMs', 'limitColdMs'],
    ['junkMs', 'limitJunkMs'],
    ['minCreateTimes', 'createTimes'],
    ['minParseTimes', 'parseTimes'],
  ],
  async rows(options) {
    const isWanted = (part: (typeof PARTS)[number]): boolean =>
      options.only.length === 0 || options.only.includes(part)
    return [
      ...(isWanted('curl') ? await measureCurl(options) : []),
      ...(isWanted('messages') ? await measureMessages(options) : []),
      ...(isWanted('junk') ? await measureJunk(options) : []),
      ...(isWanted('papers') ? PUBLISHED : []),
    ]
  },
}
