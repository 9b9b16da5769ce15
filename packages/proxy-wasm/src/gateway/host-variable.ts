/** A variable of the gateway's own environment. Its name comes from a configuration, and `process.env` inherits from `Object.prototype`. */
export function hostVariable(name: string): string | undefined {
  return Object.hasOwn(process.env, name) ? process.env[name] : undefined;
}
