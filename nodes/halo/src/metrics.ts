/** Counts what a node does, for Prometheus. */
export interface Metrics {
  /** Adds one to a counter; labels must be few and never name a person, a request or a data set. */
  count(name: string, labels?: Readonly<Record<string, string>>): void
  /** Text in the Prometheus exposition format, gauges read now. */
  render(gauges: Readonly<Record<string, number>>): string
}

/** Empty metrics. */
export function createMetrics(): Metrics {
  const counters = new Map<string, Map<string, number>>()
  return {
    count(name, labels = {}) {
      const series = counters.get(name) ?? new Map<string, number>()
      const key = renderLabels(labels)
      counters.set(name, series.set(key, (series.get(key) ?? 0) + 1))
    },
    render(gauges) {
      const lines: string[] = []
      for (const [name, value] of Object.entries(gauges))
        lines.push(`# TYPE ${name} gauge`, `${name} ${value}`)
      for (const [name, series] of counters) {
        lines.push(`# TYPE ${name} counter`)
        for (const [labels, value] of series) lines.push(`${name}${labels} ${value}`)
      }
      return `${lines.join('\n')}\n`
    },
  }
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll(/["\\\n]/g, '_')}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
