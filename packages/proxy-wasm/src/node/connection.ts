import type { Socket } from "node:net";
import type { DetailedPeerCertificate, PeerCertificate, TLSSocket } from "node:tls";
import { addressText, type CertificateInfo, type ConnectionInfo } from "../http/stream-info.ts";

const known = new WeakMap<Socket, ConnectionInfo>();
let lastId = 0n;

function names(certificate: PeerCertificate, kind: string): string | undefined {
  const prefix = `${kind}:`;
  return certificate.subjectaltname
    ?.split(", ")
    .find((name) => name.startsWith(prefix))
    ?.slice(prefix.length);
}

function certificateInfo(certificate: PeerCertificate | DetailedPeerCertificate | null): CertificateInfo | undefined {
  if (certificate === null || certificate.subject === undefined) return undefined;
  const subject = Object.entries(certificate.subject)
    .map(([name, value]) => `${name}=${String(value)}`)
    .reverse()
    .join(",");
  const base64 = certificate.raw.toString("base64").replace(/(.{64})(?=.)/g, "$1\n");
  return {
    subject,
    dnsSan: names(certificate, "DNS"),
    uriSan: names(certificate, "URI"),
    sha256: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
    pem: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
}

function tlsInfo(socket: TLSSocket): ConnectionInfo["tls"] {
  const servername = (socket as { servername?: string | false }).servername;
  const local = socket.getCertificate() as PeerCertificate | null;
  return {
    version: socket.getProtocol() ?? "",
    serverName: typeof servername === "string" ? servername : undefined,
    mtls: socket.authorized,
    peer: certificateInfo(socket.getPeerCertificate()),
    local: local !== null && "subject" in local ? certificateInfo(local) : undefined,
  };
}

/** What is known of a connection; asked for once, since a socket forgets its addresses when it is closed. */
export function connectionInfo(socket: Socket): ConnectionInfo {
  let info = known.get(socket);
  if (info === undefined) {
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    info = {
      id: ++lastId,
      sourceAddress: remoteAddress === undefined ? undefined : addressText(remoteAddress, remotePort ?? 0),
      sourcePort: remotePort,
      destinationAddress: localAddress === undefined ? undefined : addressText(localAddress, localPort ?? 0),
      destinationPort: localPort,
      tls: "encrypted" in socket && socket.encrypted === true ? tlsInfo(socket as TLSSocket) : undefined,
    };
    known.set(socket, info);
  }
  return info;
}
