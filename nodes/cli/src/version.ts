/** Version of the command, as its package has it. */
export const VERSION = '0.1.0'
