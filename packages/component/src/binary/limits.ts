/** How much a component may hold. Core modules inside have the core's own limits. */
export const LIMITS = {
  /** Bytes. */
  componentSize: 1_073_741_824,
  /** Components inside each other, and component and instance types inside each other. */
  nesting: 100,
  /** Definitions of a component and declarations of a type, of each component or type by itself. */
  definitions: 1_000_000,
  /** Fields of a record, cases of a variant, labels of an enum, types of a tuple, parameters of a function. */
  members: 10_000,
  /** Labels of a `flags` type (Binary, "Type Definitions"). */
  flags: 32,
  /** Value types inside each other, through indices too. */
  typeDepth: 100,
  /** Types that a type consists of, where one that is used twice counts twice. */
  typeSize: 1_000_000,
  /** Steps that the validation of a component may take to compare and copy types. */
  typeSteps: 2_000_000,
} as const;
