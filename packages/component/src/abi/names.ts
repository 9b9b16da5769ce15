/** The JavaScript name of a field, a flag, a parameter or a function: camel case of its label. */
export function camelCase(label: string): string {
  const [first, ...rest] = label.toLowerCase().split("-");
  return first + rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
}
