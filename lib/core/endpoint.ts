/**
 * Where a program of ZeroMQ is reached: `tcp://host:port`, `ipc://path`.
 */

/** `host` is without brackets; `*` where a socket listens at all addresses. */
export type Endpoint =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "ipc"; readonly path: string };

/** What an endpoint is for: to `listen`, where any address and any free port (0) will do, or to `connect`. */
export type EndpointUse = "listen" | "connect";

/** The longest path of a socket that systems have room for. */
const PATH_BYTES_MAX = 103;

/**
 * Reads an endpoint; a text says what is wrong with it.
 *
 * @example
 * readEndpoint("tcp://localhost:5002", "connect"); // { kind: "tcp", host: "localhost", port: 5002 }
 */
export function readEndpoint(text: string, use: EndpointUse): Endpoint | string {
  if (text.startsWith("ipc://")) return readPath(text.slice("ipc://".length));
  const [, given, digits] = /^tcp:\/\/(\[[0-9a-fA-F:.%\w]+\]|[^\s:/[\]@]+):(\d{1,5}|\*)$/.exec(text) ?? [];
  if (given === undefined || digits === undefined) return "it is no endpoint";
  const host = given.startsWith("[") ? given.slice(1, -1) : given;
  const port = digits === "*" ? 0 : Number(digits);
  if (port > 65_535) return `port ${digits} is none`;
  if (use === "listen") return { kind: "tcp", host, port };
  if (host === "*" || port === 0) return "it names no host, or no port";
  return { kind: "tcp", host, port };
}

function readPath(path: string): Endpoint | string {
  if (path === "") return "it has no path";
  if (path.includes("\0") || path.startsWith("@")) return "its path names no file";
  if (new TextEncoder().encode(path).length > PATH_BYTES_MAX) {
    return `its path is longer than ${PATH_BYTES_MAX} bytes`;
  }
  return { kind: "ipc", path };
}

/** The endpoint as text. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === "ipc") return `ipc://${endpoint.path}`;
  const host = endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host;
  return `tcp://${host}:${endpoint.port}`;
}

/** True when only programs of this machine get there. */
export function isLoopback(host: string): boolean {
  const address = host.startsWith("::ffff:") ? host.slice("::ffff:".length) : host;
  return address === "localhost" || address === "::1" || /^127\.\d+\.\d+\.\d+$/.test(address);
}
