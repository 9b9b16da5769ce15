import { describe, expect, test } from "vitest";
import { testHost, until } from "../testing/host.ts";
import { filterFetch } from "./handler.ts";

const REPLACE = (buffer: number): string => `(if (result i32) (local.get $end)
  (then (drop (call $proxy_set_buffer_bytes (i32.const ${buffer}) (i32.const 0) (local.get $size) "replaced"$$)) (i32.const 0))
  (else (i32.const 1)))`;

test("a function from requests to responses runs behind plugins", async () => {
  const { host, load } = testHost();
  const plugin = await load({
    callbacks: {
      proxy_on_request_headers: `(drop (call $proxy_replace_header_map_value (i32.const 0) ":path"$$ "/changed"$$)) (i32.const 0)`,
      proxy_on_request_body: REPLACE(0),
      proxy_on_response_headers: `(drop (call $proxy_add_header_map_value (i32.const 2) "x-plugin"$$ "1"$$)) (i32.const 0)`,
    },
  });
  const handler = filterFetch([plugin], async (request: Request, extra: number) => {
    return new Response(`${new URL(request.url).pathname} ${await request.text()} ${extra}`, { status: 201 });
  });
  const response = await handler(new Request("http://host/x", { method: "POST", body: "body" }), 7);
  expect([response.status, response.headers.get("x-plugin"), await response.text()]).toEqual([
    201,
    "1",
    "/changed replaced 7",
  ]);
  await until(() => host.vms[0].streams === 0);
});

test("a plugin answers by itself, or changes what is answered", async () => {
  const { host, load } = testHost();
  const deny = await load({
    callbacks: {
      proxy_on_request_headers: `(drop (call $proxy_send_local_response (i32.const 403) "why"$$ "denied"$$ (i32.const 0) (i32.const 0) (i32.const -1))) (i32.const 1)`,
    },
  });
  const denied = await filterFetch([deny], () => expect.unreachable())(new Request("http://host/"));
  expect([denied.status, await denied.text()]).toEqual([403, "denied"]);
  const replace = await load({ callbacks: { proxy_on_response_body: REPLACE(1) } });
  const replaced = await filterFetch([replace], () => new Response("original"))(new Request("http://host/"));
  expect(await replaced.text()).toBe("replaced");
  await until(() => host.vms.every(({ streams }) => streams === 0));
});

test("a handler's failure is its caller's, and a long body flows under backpressure", async () => {
  const { host, load } = testHost();
  const plugin = await load({ callbacks: { proxy_on_response_body: "(i32.const 0)" } });
  const failing = filterFetch([plugin], () => Promise.reject(new Error("mine")));
  await expect(failing(new Request("http://host/"))).rejects.toThrow("mine");
  let sent = 0;
  const long = filterFetch(
    [plugin],
    () =>
      new Response(
        new ReadableStream<Uint8Array>({
          pull(controller) {
            if (sent++ === 100) controller.close();
            else controller.enqueue(new Uint8Array(1000));
          },
        }),
      ),
  );
  const response = await long(new Request("http://host/"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(sent).toBeLessThan(20);
  expect((await response.arrayBuffer()).byteLength).toBe(100_000);
  await until(() => host.vms[0].streams === 0);
});

describe.each([
  ["in the host's thread", 0],
  ["in a thread of their own", 1],
])("plugins %s and exchanges that fail", (_where, threads) => {
  const passing = { proxy_on_request_headers: "(i32.const 0)", proxy_on_response_body: "(i32.const 0)" };
  const pausing = { proxy_on_request_headers: "(i32.const 1)" };
  const never = (): Promise<Response> => new Promise(() => {});

  test.each([
    ["before it is asked", passing, 0],
    ["while the handler works", passing, 20],
    ["while a plugin waits", pausing, 20],
  ] as const)("a request that is aborted %s ends with its error", async (_when, callbacks, delay) => {
    const { host, load } = testHost({}, threads);
    const abort = new AbortController();
    const request = new Request("http://host/", { signal: abort.signal });
    if (delay === 0) abort.abort();
    else setTimeout(() => abort.abort(), delay);
    await expect(filterFetch([await load({ callbacks })], never)(request)).rejects.toThrow();
    await until(() => host.vms.every(({ streams }) => streams === 0));
  });

  const endless = (): Response =>
    new Response(
      new ReadableStream<Uint8Array>({
        pull: async (controller) => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          controller.enqueue(Buffer.alloc(1000, "x") as Uint8Array);
        },
      }),
    );
  const leaving: Record<string, (response: Response, abort: AbortController) => unknown> = {
    "cancels the body unread": (response) => response.body?.cancel(),
    "cancels the body after some of it": async (response) => {
      const reader = response.body?.getReader();
      await reader?.read();
      await reader?.cancel();
    },
    "aborts the request": (_response, abort) => abort.abort(),
    "aborts the request after some of the body": async (response, abort) => {
      const reader = response.body?.getReader();
      await reader?.read();
      abort.abort();
      await expect(
        (async () => {
          while (!(await reader?.read())?.done);
        })(),
      ).rejects.toThrow();
    },
  };
  test.each(Object.keys(leaving))(
    "a caller that %s ends the exchange, also while a plugin holds the body",
    async (name) => {
      for (const holds of [false, true]) {
        const { host, load } = testHost({}, threads);
        // The plugin holds each second chunk.
        const callbacks = holds
          ? {
              proxy_on_response_body:
                "(global.set $n (i32.add (global.get $n) (i32.const 1))) (i32.and (global.get $n) (i32.const 1))",
            }
          : passing;
        const plugin = await load({ callbacks, fields: "(global $n (mut i32) (i32.const 1))" });
        const abort = new AbortController();
        const response = await filterFetch([plugin], endless)(new Request("http://host/", { signal: abort.signal }));
        await leaving[name](response, abort);
        await until(() => host.vms.every(({ streams }) => streams === 0));
      }
    },
  );

  test("a handler that answers while the request's body never ends", async () => {
    const { host, load } = testHost({}, threads);
    const plugins = [await load({ callbacks: passing })];
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(Buffer.alloc(1000) as Uint8Array),
      cancel: () => {
        cancelled = true;
      },
    });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    const response = await filterFetch(plugins, () => new Response("early"))(new Request("http://host/", init));
    expect(await response.text()).toBe("early");
    await until(() => cancelled && host.vms.every(({ streams }) => streams === 0));
  });

  test("bodies that are locked, broken, or no bytes end the exchange and leave nothing", async () => {
    const { host, load } = testHost({}, threads);
    const plugins = [await load({ callbacks: passing })];
    const request = new Request("http://host/", { method: "POST", body: "x" });
    request.body?.getReader();
    await expect(filterFetch(plugins, () => new Response("x"))(request)).rejects.toThrow();
    const locked = new Response("x");
    locked.body?.getReader();
    await expect(filterFetch(plugins, () => locked)(new Request("http://host/"))).rejects.toThrow();
    for (const start of [
      (controller: ReadableStreamDefaultController) => controller.enqueue("text"),
      (controller: ReadableStreamDefaultController) => controller.enqueue(7),
      (controller: ReadableStreamDefaultController) => controller.error(new Error("broken")),
    ]) {
      const handler = filterFetch(plugins, () => new Response(new ReadableStream({ start })));
      const answer = Promise.resolve(handler(new Request("http://host/"))).then((response) => response.text());
      await expect(answer).rejects.toThrow();
    }
    await until(() => host.vms.every(({ streams }) => streams === 0));
  });
});

describe("a path or an authority that a plugin sets", () => {
  const setting = (name: string, value: string): Record<string, string> => ({
    proxy_on_request_headers: `(drop (call $proxy_replace_header_map_value (i32.const 0) "${name}"$$ "${value}"$$)) (i32.const 0)`,
  });
  const seenUrl = async (callbacks: Record<string, string>, request: Request): Promise<string> => {
    const { load } = testHost();
    const handler = filterFetch([await load({ callbacks })], ({ url }) => new Response(url));
    const response = await handler(request);
    return response.status === 200 ? response.text() : String(response.status);
  };

  test.each([
    ["/caf\\xc3\\xa9?q=\\xe2\\x82\\xac", "/caf%C3%A9?q=%E2%82%AC"],
    ["/\\x5cevil", "/%5Cevil"],
    ["/a\\x5c..\\x5cb", "/a%5C..%5Cb"],
    ["//evil", "//evil"],
    ["/a?", "/a?"],
    ["/a?b=/../c", "/a?b=/../c"],
    ["/%c3%a9", "/%c3%a9"],
    ["/a{b}'`^|<>?'{", "/a{b}'`^|<>?'{"],
  ])("%s reaches the handler as %s", async (value, path) => {
    const url = new URL(`http://host${path}`).href;
    expect(await seenUrl(setting(":path", value), new Request("http://host/"))).toBe(url);
  });

  test.each([
    [":path", "/pub/../admin"],
    [":path", "/pub/%2e%2e/admin"],
    [":path", "/pub/."],
    [":authority", "0x7f.1"],
    [":authority", "2130706433"],
    [":authority", "h%6fst"],
    [":authority", "host:65536"],
  ])("is refused where the URL would have another: %s %s", async (name, value) => {
    expect(await seenUrl(setting(name, value), new Request("http://host/"))).toBe("503");
  });

  test("is kept where the plugin sets another field, whatever the field host says", async () => {
    const request = new Request("http://host/a?", { headers: { host: "other:99999" } });
    expect(await seenUrl(setting("x-a", "1"), request)).toBe("http://host/a?");
    expect(await seenUrl(setting(":authority", "HOST:80"), request)).toBe("http://host/a?");
    expect(await seenUrl(setting(":authority", "[::1]:8080"), request)).toBe("http://[::1]:8080/a?");
  });
});
