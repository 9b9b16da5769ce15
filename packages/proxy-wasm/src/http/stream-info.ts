import type { PropertyValue } from "../abi/property.ts";
import type { StreamObserver } from "./stream-observer.ts";

/** A certificate as properties show it. */
export interface CertificateInfo {
  readonly subject?: string;
  readonly dnsSan?: string;
  readonly uriSan?: string;
  readonly sha256?: string;
  readonly pem?: string;
}

/** The connection that a request came on. */
export interface ConnectionInfo {
  readonly id: bigint;
  /** `address:port`, with brackets around an IPv6 address. */
  readonly sourceAddress?: string;
  readonly sourcePort?: number;
  readonly destinationAddress?: string;
  readonly destinationPort?: number;
  readonly tls?: {
    /** Such as `TLSv1.3`. */
    readonly version: string;
    readonly serverName?: string;
    /** Whether the client has shown a certificate that is trusted. */
    readonly mtls: boolean;
    readonly peer?: CertificateInfo;
    readonly local?: CertificateInfo;
  };
}

/** What is known of a stream beside its messages. */
export interface StreamInfo {
  readonly connection: ConnectionInfo;
  /** `HTTP/1.1`, `HTTP/2`. */
  readonly protocol: string;
  /** The request asks for another protocol and has no body, but its stream does not end with the headers. */
  readonly upgrade?: boolean;
  /** More properties: `route_name`, `cluster_name`, `upstream` and others. They may change while the stream lives. */
  readonly properties?: { readonly [name: string]: PropertyValue };
  /** Hears of the plugins' callbacks. */
  readonly observer?: StreamObserver;
}

/** `address:port` as Envoy writes it. */
export function addressText(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The connection's properties by their paths: `source`, `destination` and `connection`. */
export function connectionProperty(info: ConnectionInfo, path: readonly string[]): PropertyValue {
  const [family, name] = path;
  if (family === "connection_id") return info.id;
  if (family === "source") {
    if (name === "address") return info.sourceAddress;
    return name === "port" && info.sourcePort !== undefined ? BigInt(info.sourcePort) : undefined;
  }
  if (family === "destination") {
    if (name === "address") return info.destinationAddress;
    return name === "port" && info.destinationPort !== undefined ? BigInt(info.destinationPort) : undefined;
  }
  if (family !== "connection") return undefined;
  const { tls } = info;
  switch (name) {
    case "id":
      return info.id;
    case "mtls":
      return tls?.mtls ?? false;
    case "requested_server_name":
      return tls?.serverName;
    case "tls_version":
      return tls?.version;
    case "subject_peer_certificate":
      return tls?.peer?.subject;
    case "dns_san_peer_certificate":
      return tls?.peer?.dnsSan;
    case "uri_san_peer_certificate":
      return tls?.peer?.uriSan;
    case "sha256_peer_certificate_digest":
      return tls?.peer?.sha256;
    case "peer_certificate":
      return tls?.peer?.pem;
    case "subject_local_certificate":
      return tls?.local?.subject;
    case "dns_san_local_certificate":
      return tls?.local?.dnsSan;
    case "uri_san_local_certificate":
      return tls?.local?.uriSan;
  }
  return undefined;
}
