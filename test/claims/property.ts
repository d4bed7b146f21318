import fc from 'fast-check'

/** Checks a property with a fresh seed, printed so that a failure can be played again with HALO_SEED. */
export async function holds(
  property: fc.IAsyncProperty<unknown> | fc.IProperty<unknown>,
  numRuns = 100,
): Promise<void> {
  const seed = Number(process.env['HALO_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  process.stdout.write(`seed ${seed}\n`)
  await fc.assert(property, { seed, numRuns })
}
