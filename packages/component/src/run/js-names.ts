import { camelCase } from "../abi/names.ts";

/** A function's name in an instance, read by the annotations of names (Explainer, "Import and Export Definitions"). */
export type FunctionName =
  | { readonly kind: "plain"; readonly js: string }
  | { readonly kind: "constructor"; readonly resource: string }
  | { readonly kind: "method" | "static"; readonly resource: string; readonly js: string };

export function readFunctionName(name: string): FunctionName {
  const [, annotation, rest] = /^\[(constructor|method|static)\](.*)$/.exec(name) ?? [];
  if (annotation === undefined) return { kind: "plain", js: camelCase(name) };
  if (annotation === "constructor") return { kind: "constructor", resource: rest };
  const dot = rest.indexOf(".");
  return {
    kind: annotation as "method" | "static",
    resource: rest.slice(0, dot),
    js: camelCase(rest.slice(dot + 1)),
  };
}

/** The name of a resource's class: `input-stream` becomes `InputStream`. */
export function className(resource: string): string {
  const name = camelCase(resource);
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
