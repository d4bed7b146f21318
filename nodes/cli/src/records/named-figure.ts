/** A figure as a report or the table of a picture shows it, with its unit. */
export type NamedFigure = readonly [name: string, value: string]

/** One line for each figure. */
export function linesOf(figures: readonly NamedFigure[]): readonly string[] {
  return figures.map(([name, value]) => `${name}: ${value}`)
}
