import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { BuildOptions } from 'esbuild'
import { build } from 'esbuild'

const PAGE = new URL('../src/page/', import.meta.url)

/** The same sources give the same bytes, on any machine. */
const OPTIONS: BuildOptions = {
  bundle: true,
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  platform: 'browser',
  format: 'esm',
  target: ['es2022'],
  conditions: ['@halo/source'],
  alias: { 'multiformats/cid': fileURLToPath(new URL('no-links.ts', import.meta.url)) },
  write: false,
  logLevel: 'silent',
  // Paths from the workspace, not of this machine.
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
}

/** The page as one HTML text: its script and style inside, and a policy that allows these two and nothing else. */
export async function buildPage(): Promise<string> {
  const template = await readFile(new URL('page.html', PAGE), 'utf8')
  const [script, style] = await Promise.all([bundle('main.ts'), bundle('style.css')])
  const parts: Readonly<Record<string, string>> = {
    version: `<meta name="generator" content="Halo ${await readVersion()}">`,
    policy: `<meta http-equiv="Content-Security-Policy" content="${policyOf(script, style)}">`,
    style: `<style>${style}</style>`,
    script: `<script type="module">${script}</script>`,
  }
  return template.replace(/<!--(version|policy|style|script)-->/g, (_, name: string) => parts[name] ?? '')
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

async function bundle(entry: string): Promise<string> {
  const entryPoints = [fileURLToPath(new URL(entry, PAGE))]
  const { outputFiles } = await build({ ...OPTIONS, entryPoints })
  const text = outputFiles?.[0]?.text.trim() ?? ''
  // Inside HTML, an end tag in a text would end the script.
  return text.replaceAll('</script', '<\\/script')
}

function policyOf(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ')
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
