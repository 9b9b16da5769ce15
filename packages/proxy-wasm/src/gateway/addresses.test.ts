import { createServer } from "node:net";
import { expect, test } from "vitest";
import { listen } from "../testing/http.ts";
import { readGatewayConfig } from "./config.ts";
import { Gateway } from "./gateway.ts";

const configuration = (addresses: readonly string[], more: object = {}): string =>
  JSON.stringify({
    listeners: addresses.map((address, i) => ({ name: `l${i}`, address, routes: [{ cluster: "up" }] })),
    clusters: { up: { endpoints: ["http://127.0.0.1:1"] } },
    ...more,
  });

test.each([
  ["127.0.0.1:8080", "127.0.0.1:8080"],
  ["127.0.0.1:8080", "127.1:8080"],
  ["[::1]:8080", "[0:0:0:0:0:0:0:1]:8080"],
  ["127.0.0.1:8080", "[::ffff:127.0.0.1]:8080"],
  ["localhost:8080", "LOCALHOST:8080"],
  [":8080", "127.0.0.1:8080"],
  ["10.0.0.1:8080", "0.0.0.0:8080"],
  ["[::]:8080", "127.0.0.1:8080"],
  ["[::]:8080", ":8080"],
  ["[::1]:8080", "[::]:8080"],
])("two listeners on %s and %s are refused, and both are named", (one, other) => {
  for (const pair of [
    [one, other],
    [other, one],
  ])
    expect(() => readGatewayConfig(configuration(["127.0.0.1:1", ...pair]))).toThrow(
      /^listeners\[2\]\.address: .*:8080 is already the address of listeners\[1\]\.address \(.*:8080\)/,
    );
});

test("listeners with addresses of their own are accepted", () => {
  for (const pair of [
    ["127.0.0.1:0", "127.0.0.1:0"],
    ["127.0.0.1:8080", "127.0.0.2:8080"],
    ["127.0.0.1:8080", "127.0.0.1:8081"],
    ["0.0.0.0:8080", "[::1]:8080"],
  ])
    expect(readGatewayConfig(configuration(pair)).listeners.length).toBe(2);
});

test("the administrator's server and a listener cannot have one address, nor two listeners one name", () => {
  expect(() => readGatewayConfig(configuration([":8080"], { admin: { address: ":8080" } }))).toThrow(
    "admin.address: 127.0.0.1:8080 is already the address of listeners[0].address (0.0.0.0:8080)",
  );
  const twice = JSON.parse(configuration(["127.0.0.1:0", "127.0.0.1:0"])) as { listeners: { name: string }[] };
  for (const listener of twice.listeners) listener.name = "main";
  expect(() => readGatewayConfig(JSON.stringify(twice))).toThrow(
    'listeners[1].name: "main" is already the name of listeners[0]',
  );
});

test("the error of an address that another program has names the listener", async () => {
  const other = createServer();
  const port = await listen(other);
  await expect(Gateway.start(configuration([`127.0.0.1:${port}`]))).rejects.toMatchObject({
    code: "EADDRINUSE",
    message: expect.stringMatching(/^l0: .*EADDRINUSE/) as string,
  });
  other.close();
});
