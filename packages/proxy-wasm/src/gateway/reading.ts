import { suggestion } from "@wardian/runtime/options";

/** A configuration that cannot be used; the message names the place and what was expected there. */
export class ConfigurationError extends Error {
  override readonly name: string = "ConfigurationError";
}

/** A year, in milliseconds. */
const MAX_TIME = 365 * 24 * 3600 * 1000;

/** One value of a configuration and where it stands, so that whoever reads it can say what is wrong with it. */
export class Reading {
  readonly value: unknown;
  readonly path: string;

  constructor(value: unknown, path: string) {
    this.value = value;
    this.path = path;
  }

  fail(expected: string): never {
    const found = this.value === undefined ? "it is missing" : `not ${JSON.stringify(this.value)}`;
    throw new ConfigurationError(`${this.path || "the configuration"}: expected ${expected}, ${found}`);
  }

  get present(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** A member of an object. */
  at(...names: string[]): Reading {
    let reading: Reading = this;
    for (const name of names) {
      const path = reading.path === "" ? name : `${reading.path}.${name}`;
      const { value } = reading;
      const own = typeof value === "object" && value !== null && Object.hasOwn(value, name);
      reading = new Reading(own ? (value as Record<string, unknown>)[name] : undefined, path);
    }
    return reading;
  }

  /** The first of several members that is there: formats have names in two spellings. */
  either(...names: string[]): Reading {
    return names.map((name) => this.at(name)).find(({ present }) => present) ?? this.at(names[0]);
  }

  text(fallback?: string): string {
    if (!this.present && fallback !== undefined) return fallback;
    return typeof this.value === "string" ? this.value : this.fail("text");
  }

  optionalText(): string | undefined {
    return this.present ? this.text() : undefined;
  }

  number(fallback?: number): number {
    if (!this.present && fallback !== undefined) return fallback;
    const { value } = this;
    return typeof value === "number" && value >= 0 && Number.isFinite(value)
      ? value
      : this.fail("a number of at least 0");
  }

  wholeNumber(fallback?: number): number {
    const value = this.number(fallback);
    return Number.isSafeInteger(value) ? value : this.fail("a whole number");
  }

  /** A time in milliseconds, or as a text with its unit, as Envoy writes it: `15s`, `0.5s`, `250ms`. */
  milliseconds(fallback: number): number {
    const { value } = this;
    const match = typeof value === "string" ? /^(\d{1,12}(?:\.\d{1,9})?)(ms|s)$/.exec(value) : null;
    const time = match === null ? value : Number(match[1]) * (match[2] === "s" ? 1_000 : 1);
    if (!this.present) return fallback;
    if (typeof time === "number" && time >= 0 && time <= MAX_TIME) return time;
    return this.fail('milliseconds, or a text such as "15s"');
  }

  optionalNumber(): number | undefined {
    return this.present ? this.number() : undefined;
  }

  truth(fallback: boolean): boolean {
    if (!this.present) return fallback;
    return typeof this.value === "boolean" ? this.value : this.fail("true or false");
  }

  oneOf<T extends string>(choices: readonly T[], fallback: T): T {
    if (!this.present) return fallback;
    return choices.find((choice) => choice === this.value) ?? this.fail(`one of ${choices.join(", ")}`);
  }

  list(): Reading[] {
    if (!this.present) return [];
    if (!Array.isArray(this.value)) return this.fail("a list");
    return (this.value as unknown[]).map((value, i) => new Reading(value, `${this.path}[${i}]`));
  }

  entries(): [string, Reading][] {
    if (!this.present) return [];
    if (typeof this.value !== "object" || Array.isArray(this.value)) return this.fail("an object");
    return Object.keys(this.value as object).map((name) => [name, this.at(name)]);
  }

  texts(): Record<string, string> {
    return Object.fromEntries(this.entries().map(([name, reading]) => [name, reading.text()]));
  }

  /** Complains of members that nobody would read. */
  only(...names: string[]): this {
    for (const [name, reading] of this.entries())
      if (!names.includes(name))
        throw new ConfigurationError(`${reading.path}: there is no such setting; ${suggestion(name, names)}`);
    return this;
  }
}
