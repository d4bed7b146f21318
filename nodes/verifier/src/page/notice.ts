import { byId } from './element.ts'

/**
 * Says what came of files that were not taken, beside a verdict that stands: it was made without them. What one
 * choice of files has to be told about stands together.
 */
export function showNotice(text: string): void {
  const notice = byId('notice')
  notice.textContent = notice.hidden ? text : `${notice.textContent} ${text}`
  notice.hidden = false
  notice.scrollIntoView({ block: 'center' })
}

/** With the next that is done, it is no news any more. */
export function hideNotice(): void {
  byId('notice').hidden = true
}
