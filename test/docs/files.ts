import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One link of a Markdown file to something in this repository. */
export interface RelativeLink {
  readonly from: string
  /** Path from the root. */
  readonly path: string
  /** After the `#`, or an empty text. */
  readonly anchor: string
}

/** Files that git tracks, and new ones it does not ignore, from the root. */
export function listFiles(root: string): readonly string[] {
  const output = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  return output.split('\0').filter((path) => path !== '' && existsSync(join(root, path)))
}

/** Links of a Markdown text that lead to a file, code blocks left out. */
export function relativeLinks(from: string, text: string): readonly RelativeLink[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#')
      return { from, path: path === '' ? from : join(dirname(from), path), anchor }
    })
}

/** What is wrong with a link, or null. */
export function problemOf(root: string, { from, path, anchor }: RelativeLink): string | null {
  if (!existsSync(join(root, path))) return `${from}: ${path} does not exist`
  if (anchor === '') return null
  const text = readFileSync(join(root, path), 'utf8')
  const line = /^L(\d+)$/.exec(anchor)?.[1]
  if (line !== undefined)
    return Number(line) <= text.split('\n').length ? null : `${from}: ${path} has no line ${line}`
  return headingAnchors(text).includes(anchor) ? null : `${from}: ${path} has no heading #${anchor}`
}

/** The part of a Markdown text under a second-level heading. */
export function sectionOf(text: string, heading: string): string {
  const [, rest = ''] = text.split(`\n## ${heading}\n`)
  return rest.split('\n## ')[0] ?? ''
}

function headingAnchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}
