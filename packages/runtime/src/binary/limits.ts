/**
 * How much a module may hold: the limits that engines for the web have agreed on (JavaScript API, "Implementation-defined Limits"),
 * so that what loads here loads there. Limits that apply when a module is instantiated are not among them: a table of four billion
 * elements is a valid module.
 */
export const LIMITS = {
  /** Bytes. */
  moduleSize: 1_073_741_824,
  types: 1_000_000,
  functions: 1_000_000,
  imports: 1_000_000,
  exports: 1_000_000,
  globals: 1_000_000,
  tags: 1_000_000,
  elementSegments: 10_000_000,
  dataSegments: 100_000,
  tables: 100_000,
  memories: 100,
  params: 1_000,
  results: 1_000,
  structFields: 10_000,
  /** Types above the deepest subtype. */
  subtypingDepth: 63,
  /** Operands of `array.new_fixed`. */
  arrayOperands: 10_000,
  /** Bytes of a function's body, its declarations of locals among them. */
  functionSize: 7_654_321,
  /** Locals of a function, its parameters among them. */
  locals: 50_000,
  /** Labels of a `br_table`, the default not counted. */
  brTableLabels: 65_520,
} as const;
