import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One link of a Markdown file to something in this repository. */
export interface RelativeLink {
  readonly from: string
  /** Path from the root. */
  readonly path: string
  /** After the `#`, or an empty text. */
  readonly anchor: string
}

/**
 * Files of the repository, from the root: all but what .gitignore lists. Does without git, which may be
 * missing, or refuse a checkout that belongs to another account.
 */
export function listFiles(root: string): readonly string[] {
  const ignored = readFileSync(join(root, '.gitignore'), 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('/'))
    .map((line) => line.slice(0, -1))
  const isIgnored = (path: string): boolean =>
    ignored.some((name) => path === name || (!name.includes('/') && path.split('/').at(-1) === name))
  const walk = (dir: string): string[] =>
    readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) => {
      const path = join(dir, entry.name)
      if (entry.isDirectory()) return path === '.git' || isIgnored(path) ? [] : walk(path)
      return entry.isFile() && !path.endsWith('.tsbuildinfo') && path !== '.git' ? [path] : []
    })
  return walk('').sort()
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
