import { createServer, type IncomingMessage, type Server } from "node:http";
import { isIP } from "node:net";
import { adminPage, type MemberVms } from "./admin-page.ts";

/** What the administrator's pages show. */
export interface AdminView {
  vms(): MemberVms | Promise<MemberVms>;
  prometheus(): string | Promise<string>;
  reload(): Promise<void>;
  ready(): boolean;
}

/**
 * What is wrong with where a request comes from. A page of another site can make an administrator's browser send
 * requests: with an `Origin` of its own, or, when its name resolves to this address, with a `Host` of its own.
 */
function strangeness({ headers, method, rawHeaders }: IncomingMessage, hosts: readonly string[]): string | undefined {
  const { host = "", origin } = headers;
  if (rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === "host").length > 1)
    return "several Host headers\n";
  const name = host.replace(/:\d+$/, "").toLowerCase();
  const known = name === "localhost" || isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0 || hosts.includes(name);
  if (!known) return `the host ${JSON.stringify(name)} is not among admin.hosts\n`;
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host.toLowerCase()))
    return "a request from the page of another site\n";
  const site = headers["sec-fetch-site"];
  const reads = method === "GET" || method === "HEAD";
  // Another port of the same host is another origin of the same site. A link may lead to a page that changes nothing.
  if (
    site !== undefined &&
    site !== "same-origin" &&
    site !== "none" &&
    !(reads && headers["sec-fetch-mode"] === "navigate")
  )
    return "a request from the page of another site\n";
  return undefined;
}

/**
 * The administrator's server: `/` for people, `/vms` as JSON, `/metrics` for Prometheus, `/ready`, and `POST /reload`. It belongs
 * on an address that only administrators reach. Requests of other sites' pages are refused.
 *
 * @param hosts names under which it may be asked for, beside addresses and `localhost`
 */
export function adminServer(view: AdminView, hosts: readonly string[]): Server {
  return createServer((request, response) => {
    const send = (status: number, type: string, text: string): void => {
      response.writeHead(status, {
        "content-type": type,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
      });
      response.end(text);
    };
    const strange = strangeness(request, hosts);
    if (strange !== undefined) return send(403, "text/plain", strange);
    const path = (request.url ?? "/").replace(/\?.*/, "");
    if (path === "/reload" && request.method === "POST") {
      view.reload().then(
        () => send(200, "text/plain", "reloaded\n"),
        (error: unknown) => send(400, "text/plain", `${error instanceof Error ? error.message : String(error)}\n`),
      );
      return;
    }
    // A process that is asked may be gone before it has answered.
    const later = <T>(asked: T | Promise<T>, then: (value: T) => void): void =>
      void Promise.resolve(asked).then(then, () => send(503, "text/plain", ""));
    if (request.method !== "GET" && request.method !== "HEAD") send(405, "text/plain", "");
    else if (path === "/") later(view.vms(), (vms) => send(200, "text/html; charset=utf-8", adminPage(vms)));
    else if (path === "/metrics")
      later(view.prometheus(), (text) => send(200, "text/plain; version=0.0.4; charset=utf-8", text));
    else if (path === "/ready") send(view.ready() ? 200 : 503, "text/plain", view.ready() ? "ready\n" : "not ready\n");
    else if (path === "/vms") {
      const text = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);
      later(view.vms(), (vms) => send(200, "application/json", `${JSON.stringify(vms, text, 2)}\n`));
    } else send(404, "text/plain", "");
  });
}
