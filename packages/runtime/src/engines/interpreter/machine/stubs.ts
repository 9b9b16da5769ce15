/** Addresses of the instructions that a call into the machine and one between instances return to; the word before each is 0. */
export const EXIT_STUB = 1;
export const RESTORE_STUB = 3;
