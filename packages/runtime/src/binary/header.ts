/** `\0asm`, as a number read least significant byte first (specification, 5.5.17). */
export const MAGIC = 0x6d736100;
export const VERSION = 1;
