import { byId } from './element.ts'

/** Says what came of files that were not taken, beside a verdict that stands: it was made without them. */
export function showNotice(text: string): void {
  const notice = byId('notice')
  notice.textContent = text
  notice.hidden = false
  notice.scrollIntoView({ block: 'center' })
}

/** With the next that is done, it is no news any more. */
export function hideNotice(): void {
  byId('notice').hidden = true
}
