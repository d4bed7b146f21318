/** The part of a package-lock.json entry that matters here. */
export interface LockEntry {
  readonly version?: string
  readonly dev?: true
  readonly optional?: true
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** A package-lock.json of version 3. */
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockEntry>>
}

const PLATFORM =
  /(?<os>aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(?<cpu>arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)(?:-(?<libc>gnu|musl))?/

/**
 * Entries for platform packages that the lock's packages name but the lock leaves out, by their path.
 *
 * A registry mirror that holds only one platform's packages makes `npm install` write such a lock
 * without a warning, and `npm ci` then refuses it everywhere. The entries carry no integrity, because
 * what is not there cannot be hashed; they are fetched on those other platforms only.
 */
export function missingPlatformEntries(lock: Lockfile): Readonly<Record<string, LockEntry>> {
  const missing: Record<string, LockEntry> = {}
  for (const entry of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`
      const isLocked = Object.keys(lock.packages).some((key) => key === path || key.endsWith(`/${path}`))
      const entryOfPlatform = isLocked ? null : platformEntry(name, version, entry.dev === true)
      if (entryOfPlatform !== null) missing[path] = entryOfPlatform
    }
  }
  return missing
}

function platformEntry(name: string, version: string, isDev: boolean): LockEntry | null {
  const { os, cpu, libc } = PLATFORM.exec(name)?.groups ?? {}
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) return null
  return {
    version,
    cpu: [cpu],
    ...(isDev ? { dev: true } : {}),
    ...(libc === undefined ? {} : { libc: [libc === 'gnu' ? 'glibc' : libc] }),
    optional: true,
    os: [os],
  }
}
