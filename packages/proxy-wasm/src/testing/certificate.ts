import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A new key and a certificate that it signed itself, made by openssl in a folder. */
export function certificate(folder: string, name = "test.local"): { readonly key: Buffer; readonly cert: Buffer } {
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const files = ["-keyout", "key.pem", "-out", "cert.pem"];
  execFileSync("openssl", ["req", "-x509", ...curve, "-days", "2", "-subj", `/CN=${name}`, ...files], {
    cwd: folder,
    stdio: "ignore",
  });
  return { key: readFileSync(join(folder, "key.pem")), cert: readFileSync(join(folder, "cert.pem")) };
}
