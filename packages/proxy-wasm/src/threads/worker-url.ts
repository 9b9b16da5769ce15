/**
 * Where the entry of a thread lies: beside the file that starts it. A thread can only load what has been built, so sources, which
 * tests run, find it there.
 *
 * @param from `import.meta.url` of a file in a folder of `src` or `dist`
 */
export function workerUrl(from: string, name: string): URL {
  if (!from.endsWith(".ts")) return new URL(`./${name}.js`, from);
  const folder = new URL(".", from).pathname.split("/").at(-2);
  return new URL(`../../dist/${folder}/${name}.js`, from);
}
