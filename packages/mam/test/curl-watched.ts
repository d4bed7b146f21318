import { createSimdEngine } from '../src/curl-simd.ts'
import type { CurlEngine } from '../src/index.ts'

/** Runs with another way to make instances of WebAssembly modules. */
export function withInstance<T>(make: (module: WebAssembly.Module) => WebAssembly.Instance, run: () => T): T {
  const { Instance } = WebAssembly
  WebAssembly.Instance = new Proxy(Instance, { construct: (_, [module]) => make(module) })
  try {
    return run()
  } finally {
    WebAssembly.Instance = Instance
  }
}

/** A SIMD engine whose memory can be looked into. */
export function openWatchedEngine(): { readonly engine: CurlEngine; readonly memory: WebAssembly.Memory } {
  const { Instance } = WebAssembly
  const instances: WebAssembly.Instance[] = []
  const engine = withInstance((module) => {
    const instance = new Instance(module)
    instances.push(instance)
    return instance
  }, createSimdEngine)
  return { engine, memory: instances[0]?.exports['memory'] as WebAssembly.Memory }
}
