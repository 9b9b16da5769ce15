import { expect, test } from "vitest";
import { encodeUtf8 } from "../abi/bytes.ts";
import { HeaderMap } from "../abi/header-map.ts";
import { replyMessage } from "./local-reply.ts";

test.each<[status: number, method: string, sent: string, length: string | undefined, size: number]>([
  [200, "GET", "200", "7", 7],
  [204, "GET", "204", undefined, 0],
  [304, "GET", "304", undefined, 0],
  [205, "GET", "205", "0", 0],
  [403, "HEAD", "403", "7", 0],
  ...[0, 99, 100, 101, 103, 199, 600, 999, 2 ** 32 - 1].map((status): [number, string, string, string, number] => [
    status,
    "GET",
    "500",
    "0",
    0,
  ]),
])("an answer with %i to %s is sent with %s, the length %s and %i bytes", (status, method, sent, length, size) => {
  const given = { status, details: "", headers: [["content-length", "3"]] as const, body: encodeUtf8("blocked") };
  const { headers, body } = replyMessage({ ...given, grpcStatus: -1 }, new HeaderMap([[":method", method]]));
  expect([headers.get(":status"), headers.get("content-length"), body.length]).toEqual([sent, length, size]);
});
