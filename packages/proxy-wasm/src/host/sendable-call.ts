import { HeaderMap } from "../abi/header-map.ts";
import { RequestLine } from "../http/framing.ts";
import { sendableHeaders } from "../node/sendable.ts";

/** A name of a server without spaces and control characters. Envoy sends any; meshes use names with `|`. */
const AUTHORITY = /^[\x21-\x7e\x80-\xff]*$/;

const REQUIRED: readonly string[] = [":method", ":path", ":authority"];

/**
 * Whether the headers and trailers of a plugin's own call can be sent as one request. Headers with line breaks, for example,
 * would be read as further headers or as a second request.
 */
export function isSendableCall(headers: HeaderMap, trailers: HeaderMap): boolean {
  const authority = headers.get(":authority") ?? "";
  return (
    REQUIRED.every((name) => headers.has(name)) &&
    AUTHORITY.test(authority) &&
    new RequestLine(new HeaderMap([[":authority", authority]])).allows(headers) &&
    sendableHeaders(trailers) !== undefined
  );
}
