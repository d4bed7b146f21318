#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Before anything else is loaded: the peers that `halo dev` starts load the same code as this process.
enableCompileCache()
await import('./program.ts')
