/** What happens to a path with `%2F` or `%5C`, as Envoy's `path_with_escaped_slashes_action`. */
export const ESCAPED_SLASHES = [
  "KEEP_UNCHANGED",
  "REJECT_REQUEST",
  "UNESCAPE_AND_REDIRECT",
  "UNESCAPE_AND_FORWARD",
] as const;

export type EscapedSlashesAction = (typeof ESCAPED_SLASHES)[number];

/** How the path of a request is normalised before routing, with the names and meanings of Envoy's options. */
export interface PathOptions {
  /** RFC 3986, section 6.2.2: resolves dot segments, decodes escaped unreserved characters, and takes `\` for `/`. */
  readonly normalizePath: boolean;
  /** Makes one slash of several. */
  readonly mergeSlashes: boolean;
  readonly escapedSlashes: EscapedSlashesAction;
}

export type NormalisedPath =
  | { readonly kind: "path"; readonly path: string }
  /** The client is to ask for this path. */
  | { readonly kind: "redirect"; readonly path: string }
  /** The path must not be routed. */
  | { readonly kind: "refused" };

const REFUSED: NormalisedPath = { kind: "refused" };

/**
 * Normalises the path of a request in the order of Envoy: escaped slashes, then the path, then slashes. The query is
 * left as it is. The work is linear in the length.
 *
 * @param target the path with its query
 * @returns `refused` for a path that does not begin with `/`, or that has a fragment or an escaped NUL
 */
export function normalisePath(target: string, options: PathOptions): NormalisedPath {
  if (target === "*") return { kind: "path", path: target };
  if (!target.startsWith("/") || target.includes("#")) return REFUSED;
  // Most paths need nothing of all this.
  if (!/[%\\]|\/[./]/.test(target)) return { kind: "path", path: target };
  const end = target.indexOf("?");
  let path = end < 0 ? target : target.slice(0, end);
  const query = end < 0 ? "" : target.slice(end);
  let redirect = false;
  if (options.escapedSlashes !== "KEEP_UNCHANGED" && /%(?:2f|5c)/i.test(path)) {
    if (options.escapedSlashes === "REJECT_REQUEST") return REFUSED;
    path = path.replace(/%2f/gi, "/").replace(/%5c/gi, "\\");
    redirect = options.escapedSlashes === "UNESCAPE_AND_REDIRECT";
  }
  if (options.normalizePath) {
    if (path.includes("%00")) return REFUSED;
    path = withoutDotSegments(decodeUnreserved(path).replaceAll("\\", "/"));
  }
  if (options.mergeSlashes) path = path.replace(/\/{2,}/g, "/");
  if (!redirect) return { kind: "path", path: path + query };
  // A client would read a location that begins with two slashes as that of another host.
  return { kind: "redirect", path: (path.startsWith("//") ? `/.${path}` : path) + query };
}

/** RFC 3986, section 6.2.2.2 */
function decodeUnreserved(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (escaped, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16));
    return /[\w.~-]/.test(char) ? char : escaped;
  });
}

/** RFC 3986, section 5.2.4 */
function withoutDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.split("/");
  for (let i = 1; i < segments.length; i++) {
    const segment = segments[i];
    if (segment !== "." && segment !== "..") kept.push(segment);
    else {
      if (segment === "..") kept.pop();
      // A dot segment at the end names a folder.
      if (i === segments.length - 1) kept.push("");
    }
  }
  return `/${kept.join("/")}`;
}
