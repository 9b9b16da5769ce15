/*
 * What stands before a prepared function's first instruction.
 */

/** Words before a function's first instruction: its entry's charge, its slots, its flags. */
export const HEADER = 3;
/** Flags in a function's header. */
export const FLAG = { entryCheck: 1, countsDepth: 2, stub: 4 } as const;
