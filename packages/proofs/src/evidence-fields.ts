import type { FieldReader } from './field-reader.ts'
import { createFieldReader } from './field-reader.ts'

/** Checks of a bundle's fields. */
export const read: FieldReader = createFieldReader('BUNDLE_MALFORMED', 'bundle')
