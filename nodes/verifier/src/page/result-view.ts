import type { Verdict } from '@halo/proofs'
import type { CheckedProof, PartFinding } from '../check.ts'
import type { PartDetail } from '../part-details.ts'
import { PART_TITLES, VERDICT_TITLES, wordVerdict } from '../part-words.ts'
import { element } from './element.ts'

/** Not by colour alone. */
const MARKS: Readonly<Record<Verdict, string>> = { verified: '✓', missing: '○', broken: '✕' }

/** The answer to the question that somebody opened the page with; its heading takes the focus. */
export function outcomeView({ verdict, because }: CheckedProof, fileName: string): HTMLElement {
  const next =
    verdict === 'missing' ? ' What you know of operators and chain from elsewhere goes in below.' : ''
  return banner(verdict, VERDICT_TITLES[verdict], because + next, fileName)
}

/** That a file cannot be checked at all. */
export function failureView(message: string, fileName: string): HTMLElement {
  return banner('broken', 'This file cannot be checked', message, fileName)
}

/** That what was found no longer counts, and why what was entered cannot be taken, if it cannot. */
export function uncheckedView(problem: string | null, fileName: string): HTMLElement {
  const because = problem ?? 'You changed something. Press “Check again”, and what comes of it stands here.'
  const view = banner('missing', 'Not checked with what you entered', because, fileName)
  view.querySelector('p')?.setAttribute('id', 'known-problem')
  view.setAttribute('role', 'status')
  return view
}

function banner(verdict: Verdict, title: string, because: string, fileName: string): HTMLElement {
  return element(
    'div',
    { class: `outcome ${verdict}` },
    mark(verdict),
    element(
      'div',
      {},
      element('h2', { tabindex: '-1', id: 'outcome-title' }, title),
      element('p', {}, because),
      element('p', { class: 'quiet' }, `File: ${fileName}`),
    ),
  )
}

/** All parts that there could be, so that what is missing is seen. */
export function partsView(
  parts: readonly PartFinding[],
  detailsOf: (part: PartFinding['part']) => readonly PartDetail[],
): HTMLElement {
  const cards = parts.map((finding) => partView(finding, detailsOf(finding.part)))
  return element('ul', { class: 'parts', 'aria-label': 'Parts of the proof' }, ...cards)
}

function partView(finding: PartFinding, details: readonly PartDetail[]): HTMLElement {
  const { part, verdict, because } = finding
  const shown = details.length === 0 ? [] : [detailsView(details, PART_TITLES[part])]
  return element(
    'li',
    { class: 'part', 'data-part': part, 'data-verdict': verdict, 'data-reason': finding.reason },
    element(
      'header',
      {},
      element('h3', {}, PART_TITLES[part]),
      element('span', { class: `verdict ${verdict}` }, mark(verdict), ` ${wordVerdict(finding)}`),
    ),
    element('p', { class: 'why' }, because),
    ...shown,
  )
}

/** What the verdict rests on: to be kept with it, and to be checked again with the same. */
export function basisView(details: readonly PartDetail[]): HTMLElement {
  return element(
    'section',
    { class: 'basis', 'aria-labelledby': 'basis-title' },
    element('h3', { id: 'basis-title' }, 'Checked with'),
    element('dl', {}, ...itemsOf(details)),
  )
}

function itemsOf(details: readonly PartDetail[]): readonly HTMLElement[] {
  return details.flatMap(([label, value]) => [element('dt', {}, label), element('dd', {}, value)])
}

function detailsView(details: readonly PartDetail[], title: string): HTMLElement {
  const summary = element('summary', { 'aria-label': `Details: ${title}` }, 'Details')
  return element('details', {}, summary, element('dl', {}, ...itemsOf(details)))
}

function mark(verdict: Verdict): HTMLElement {
  return element('span', { class: `mark ${verdict}`, 'aria-hidden': 'true' }, MARKS[verdict])
}
