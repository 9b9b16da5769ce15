import { createServer, type Server } from "node:http";
import { adminPage, type MemberVms } from "./admin-page.ts";

/** What the administrator's pages show. */
export interface AdminView {
  vms(): MemberVms | Promise<MemberVms>;
  prometheus(): string | Promise<string>;
  reload(): Promise<void>;
  ready(): boolean;
}

/**
 * The administrator's server: `/` for people, `/vms` as JSON, `/metrics` for Prometheus, `/ready`, and `POST /reload`. It belongs
 * on an address that only administrators reach.
 */
export function adminServer(view: AdminView): Server {
  return createServer((request, response) => {
    const send = (status: number, type: string, text: string): void => {
      response.writeHead(status, { "content-type": type });
      response.end(text);
    };
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
