import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { decodeUtf8, encodeUtf8 } from "../abi/bytes.ts";
import { Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";
import { encodeFields, fieldsOf } from "../abi/protobuf.ts";

/* Envoy's `verify_signature` and `sign`: source/extensions/common/wasm/ext/{verify_signature,sign}.proto. */

const HASHES: ReadonlySet<string> = new Set(["sha1", "sha224", "sha256", "sha384", "sha512"]);

/** Bits of the longest RSA key: what a plugin asks for is computed outside of its limits. */
const MAX_RSA_BITS = 8192;

/** The fields of a message that are bytes, the last of each number. @throws StatusError BadArgument for what is no message */
function bytesByNumber(message: Uint8Array): Map<number, Uint8Array> {
  const fields = fieldsOf(message);
  if (fields === undefined) throw new StatusError(Status.BadArgument);
  const byNumber = new Map<number, Uint8Array>();
  for (const { number, bytes } of fields) if (bytes !== undefined) byNumber.set(number, bytes);
  return byNumber;
}

const NOTHING = new Uint8Array(0);

/** A key in one of two forms, but not in both. @throws StatusError BadArgument when there is none that can be read */
function readKey(
  der: Uint8Array = NOTHING,
  pem: Uint8Array = NOTHING,
  fromDer: (der: Buffer) => KeyObject,
  fromPem: (pem: string) => KeyObject,
): KeyObject {
  if (der.length > 0 === pem.length > 0) throw new StatusError(Status.BadArgument);
  try {
    return der.length > 0 ? fromDer(Buffer.from(der)) : fromPem(decodeUtf8(pem));
  } catch {
    throw new StatusError(Status.BadArgument);
  }
}

/** Why something cannot be done with a hash function and a key; undefined when it can. */
function objection(
  hash: string,
  { asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject,
): string | undefined {
  if (!HASHES.has(hash)) return `${hash} is not supported.`;
  if (type === "rsa" && (details?.modulusLength ?? 0) <= MAX_RSA_BITS) return undefined;
  return type === "ec" ? undefined : "the key is not supported.";
}

/** `VerifySignatureArguments` to `VerifySignatureResult`. RSA keys verify by PKCS#1 1.5, signatures of elliptic curves are DER. */
export function verifySignature(args: Uint8Array): Uint8Array {
  const fields = bytesByNumber(args);
  const hash = decodeUtf8(fields.get(1) ?? NOTHING).toLowerCase();
  const key = readKey(
    fields.get(2),
    fields.get(5),
    (der) => createPublicKey({ key: der, format: "der", type: "spki" }),
    (pem) => {
      // Node would take a private key or a certificate too.
      if (!pem.includes("-----BEGIN PUBLIC KEY-----")) throw new TypeError("no public key");
      return createPublicKey(pem);
    },
  );
  let error = objection(hash, key);
  if (error === undefined) {
    const text = fields.get(4) ?? NOTHING;
    const signature = fields.get(3) ?? NOTHING;
    if (!attempt(() => verify(hash, text, key, signature))) error = "Failed to verify digest.";
  }
  return encodeFields([
    [1, error === undefined],
    [2, encodeUtf8(error ?? "")],
  ]);
}

/** `SignArguments` to `SignResult`. */
export function signText(args: Uint8Array): Uint8Array {
  const fields = bytesByNumber(args);
  const hash = decodeUtf8(fields.get(1) ?? NOTHING).toLowerCase();
  const key = readKey(
    fields.get(2),
    fields.get(4),
    (der) => createPrivateKey({ key: der, format: "der", type: "pkcs8" }),
    (pem) => createPrivateKey(pem),
  );
  let error = objection(hash, key);
  let signature: Uint8Array | undefined;
  if (error === undefined) {
    signature = attempt(() => sign(hash, fields.get(3) ?? NOTHING, key));
    if (signature === undefined) error = "Failed to create signature.";
  }
  return encodeFields([
    [1, error === undefined],
    [2, signature ?? NOTHING],
    [3, encodeUtf8(error ?? "")],
  ]);
}

/** What OpenSSL refuses, such as a key too short for the hash. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
