import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { writePrivateFile } from '@halo/node'
import type { RecordSink } from '@halo/research'
import type { FileMarks } from './out-dir.ts'
import { markUnfinished, PARTIAL, RECORD, REPORT, refuseForeign } from './out-dir.ts'
import type { Sealed } from './report-file.ts'
import { hashText, renderReport, sealReport } from './report-file.ts'

/**
 * What a run writes into its directory. Each file is noted in `report.json` before it is in its place, so that the next run knows
 * it as this one's, whenever this one is ended. A file that came from elsewhere meanwhile is refused, unless forced.
 */
export interface KeptFiles {
  /** Writes a file of the run whole. @throws CliError `FILE_EXISTS` */
  write(path: string, text: string): Promise<void>
  /** The sink for the record, which notes what goes through it. @throws CliError `FILE_EXISTS` */
  openRecord(openSink: () => Promise<RecordSink>): Promise<RecordSink>
  /** SHA-256 of what was written so far, by name. */
  files(): FileMarks
  /** Writes the report with which the run ends. @throws CliError `FILE_EXISTS` */
  finish(report: Sealed<object>): Promise<void>
}

/** Keeps account of what a run writes into `outDir`. */
export function keepFiles(outDir: string, options: { readonly force: boolean }): KeptFiles {
  const marks = new Map<string, string>()
  let reported: string | undefined
  const files = (): FileMarks => Object.fromEntries(marks)
  const assertOwn = async (name: string): Promise<void> => {
    const written = reported === undefined ? files() : { ...files(), [REPORT]: reported }
    await refuseForeign(outDir, [name], written, options)
  }
  const finish = async (report: Sealed<object>): Promise<void> => {
    const text = renderReport(report)
    await assertOwn(REPORT)
    await writePrivateFile(join(outDir, REPORT), text)
    reported = hashText(text)
  }
  const note = async (name: string, mark: string | null): Promise<void> => {
    if (mark === null) marks.delete(name)
    else marks.set(name, mark)
    await finish(sealReport({ ok: false, outcome: 'unfinished', files: files() }))
  }
  return {
    async write(path, text) {
      await assertOwn(basename(path))
      await note(basename(path), hashText(text))
      await writePrivateFile(path, text)
    },
    async openRecord(openSink) {
      await assertOwn(PARTIAL)
      await assertOwn(RECORD)
      const sink = await openSink()
      const hash = createHash('sha256')
      const discard = async (): Promise<void> => {
        await sink.discard()
        if (marks.has(PARTIAL)) await note(PARTIAL, null)
      }
      try {
        await note(PARTIAL, await markUnfinished(join(outDir, PARTIAL)))
      } catch (error) {
        await sink.discard()
        throw error
      }
      return {
        async write(piece) {
          hash.update(piece)
          await sink.write(piece)
        },
        async commit() {
          await assertOwn(RECORD)
          await note(RECORD, hash.digest('hex'))
          await sink.commit()
          await note(PARTIAL, null)
        },
        discard,
      }
    },
    files,
    finish,
  }
}
