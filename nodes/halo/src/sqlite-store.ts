import { DatabaseSync } from 'node:sqlite'
import type { KeyValueStore, StateEntry } from '@halo/ports'

/**
 * A durable key-value store in one SQLite file. `synchronous = FULL` with a write-ahead log: what
 * `put` has returned survives SIGKILL and power loss; `secure_delete` overwrites what is deleted.
 */
export function openSqliteStore(path: string): KeyValueStore & Disposable {
  const db = new DatabaseSync(path)
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA busy_timeout = 5000',
  )
  db.exec('CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID')
  const get = db.prepare('SELECT value FROM entry WHERE key = ?')
  const put = db.prepare(
    'INSERT INTO entry VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )
  const putNew = db.prepare('INSERT INTO entry VALUES (?, ?) ON CONFLICT (key) DO NOTHING')
  const remove = db.prepare('DELETE FROM entry WHERE key = ?')
  const list = db.prepare(
    'SELECT key, value FROM entry WHERE key >= ? AND key > ? AND key < ? ORDER BY key LIMIT ?',
  )
  return {
    async get(key) {
      const row = get.get(key) as { readonly value: Uint8Array } | undefined
      return row === undefined ? null : row.value
    },
    put: async (key, value) => void put.run(key, value),
    putNew: async (key, value) => putNew.run(key, value).changes === 1,
    async delete(key) {
      remove.run(key)
    },
    async list(prefix, { limit = -1, after = '' } = {}) {
      const bound = Number.isFinite(limit) ? limit : -1
      return list.all(prefix, after, `${prefix}\u{10ffff}`, bound) as unknown as StateEntry[]
    },
    [Symbol.dispose]() {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      db.close()
    },
  }
}
