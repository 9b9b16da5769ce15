import { createSign, createVerify, generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../abi/bytes.ts";
import { encodeFields, fieldsOf } from "../abi/protobuf.ts";
import { signText, verifySignature } from "./signatures.ts";

const bytes = (text: string): Uint8Array => encodeUtf8(text);
const text = bytes("hello");
const der = (key: KeyObject): Uint8Array =>
  new Uint8Array(
    key.type === "public" ? key.export({ type: "spki", format: "der" }) : key.export({ type: "pkcs8", format: "der" }),
  );
const pem = (key: KeyObject): Uint8Array =>
  bytes(String(key.export({ type: key.type === "public" ? "spki" : "pkcs8", format: "pem" })));

/** Whether it succeeded, which is a number and no bytes, and the texts of the others. */
function read(message: Uint8Array): { ok: boolean; fields: Map<number, Uint8Array> } {
  const all = fieldsOf(message) ?? [];
  const fields = new Map(all.flatMap(({ number, bytes: value }) => (value === undefined ? [] : [[number, value]])));
  return { ok: all.some(({ number, bytes: value }) => number === 1 && value === undefined), fields };
}

function verified(fields: Parameters<typeof encodeFields>[0]): string {
  const { ok, fields: answer } = read(verifySignature(encodeFields(fields)));
  return ok ? "valid" : decodeUtf8(answer.get(2) ?? new Uint8Array(0));
}

describe.each([
  ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 })],
  ["an elliptic curve", generateKeyPairSync("ec", { namedCurve: "P-256" })],
] as const)("with %s", (_name, { publicKey, privateKey }) => {
  test.each(["sha1", "sha224", "SHA256", "sha384", "sha512"])("signatures are verified with %s", (hash) => {
    const signature = new Uint8Array(createSign(hash).update(text).sign(privateKey));
    const base = [
      [1, bytes(hash)],
      [3, signature],
    ] as const;
    expect(verified([...base, [2, der(publicKey)], [4, text]])).toBe("valid");
    expect(verified([...base, [5, pem(publicKey)], [4, text]])).toBe("valid");
    expect(verified([...base, [5, pem(publicKey)], [4, bytes("hullo")]])).toBe("Failed to verify digest.");
    expect(
      verified([
        [1, bytes("sha256")],
        [3, bytes("none")],
        [2, der(publicKey)],
        [4, text],
      ]),
    ).toBe("Failed to verify digest.");
  });

  test.each([
    ["DER", 2, der(privateKey)],
    ["PEM", 4, pem(privateKey)],
  ] as const)("text is signed with a key as %s", (_form, number, key) => {
    const { ok, fields } = read(
      signText(
        encodeFields([
          [1, bytes("sha256")],
          [number, key],
          [3, text],
        ]),
      ),
    );
    expect(ok).toBe(true);
    expect(
      createVerify("sha256")
        .update(text)
        .verify(publicKey, fields.get(2) as Uint8Array),
    ).toBe(true);
  });
});

test("what cannot be done is said in the answer, and what is no key or no message is a bad argument", () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const edwards = generateKeyPairSync("ed25519");
  const short = generateKeyPairSync("rsa", { modulusLength: 512 }).privateKey;
  const hash = [1, bytes("sha256")] as const;
  expect(
    verified([
      [1, bytes("md5")],
      [2, der(publicKey)],
    ]),
  ).toBe("md5 is not supported.");
  expect(verified([hash, [2, der(edwards.publicKey)]])).toBe("the key is not supported.");
  const tooShort = read(
    signText(
      encodeFields([
        [1, bytes("sha512")],
        [2, der(short)],
        [3, text],
      ]),
    ),
  );
  expect([tooShort.ok, decodeUtf8(tooShort.fields.get(3) as Uint8Array)]).toEqual([
    false,
    "Failed to create signature.",
  ]);
  const wrong: [(args: Uint8Array) => Uint8Array, Uint8Array][] = [
    [verifySignature, Uint8Array.of(255)],
    [signText, Uint8Array.of(255)],
    [verifySignature, encodeFields([hash])],
    [verifySignature, encodeFields([hash, [2, der(publicKey)], [5, pem(publicKey)]])],
    [verifySignature, encodeFields([hash, [2, der(privateKey)]])],
    [verifySignature, encodeFields([hash, [5, pem(privateKey)]])],
    [verifySignature, encodeFields([hash, [5, bytes("-----BEGIN PUBLIC KEY-----\nx")]])],
    [signText, encodeFields([hash, [2, der(publicKey)]])],
    [signText, encodeFields([hash, [4, bytes("nothing")]])],
  ];
  for (const [call, args] of wrong) expect(() => call(args)).toThrow(expect.objectContaining({ status: 2 }));
});
