/** Attributes of an element; `class` and all others by their names in HTML. */
type Attributes = Readonly<Record<string, string>>

/** Makes an element. Texts become text, never markup: what a proof file says cannot become part of the page. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

/** An element of the page by its id. @throws TypeError when the page has none, which is a mistake in it */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new TypeError(`The page has no element #${id}.`)
  return found
}
