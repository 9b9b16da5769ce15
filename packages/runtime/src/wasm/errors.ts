/** A line and column of a text, both counted from one; columns count UTF-16 code units. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/** Where in its input a module is wrong. */
export interface ErrorPlace {
  /** Byte offset in the module, for a module given as bytes. */
  readonly offset?: number;
  /** Line and column, for a module given as text. */
  readonly position?: SourcePosition;
  /** Index of the function whose body is wrong, in the function index space. */
  readonly functionIndex?: number;
  /** The section that is wrong. */
  readonly section?: string;
  /** Which entry of that section, from zero: of the type section a type, of the import section an import. */
  readonly entry?: number;
}

/**
 * The module is malformed or invalid, or uses a feature that is switched off.
 * `message` begins with the specification's own wording of the failure and ends with the place.
 */
export class CompileError extends Error implements ErrorPlace {
  override readonly name: string = "CompileError";
  readonly offset?: number;
  readonly position?: SourcePosition;
  readonly functionIndex?: number;
  readonly section?: string;
  readonly entry?: number;
  /** The message without the place. */
  readonly reason: string;

  constructor(reason: string, place: ErrorPlace = {}) {
    super(reason + describe(place));
    this.reason = reason;
    this.offset = place.offset;
    this.position = place.position;
    this.functionIndex = place.functionIndex;
    this.section = place.section;
    this.entry = place.entry;
  }
}

/** The bytes or the text do not follow the grammar (specification, chapters 5 and 6). */
export class MalformedError extends CompileError {}

/** The module is well-formed but not valid (specification, chapter 3). */
export class ValidationError extends CompileError {}

function describe(place: ErrorPlace): string {
  const parts: string[] = [];
  if (place.section !== undefined) parts.push(`in the ${place.section} section`);
  // A line and column say more than a number does.
  if (place.entry !== undefined && place.position === undefined) parts.push(`entry ${place.entry}`);
  if (place.functionIndex !== undefined) parts.push(`in function ${place.functionIndex}`);
  if (place.offset !== undefined) parts.push(`at offset 0x${place.offset.toString(16)}`);
  if (place.position !== undefined) parts.push(`at ${place.position.line}:${place.position.column}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
