import type { LedgerTx } from '@halo/ports'

/** A transaction of the story, as `report.json` lists it. */
export type StoryTx = Pick<LedgerTx, 'name' | 'gas' | 'hash'>
