/**
 * Commands: a name and what belongs to it. READY says who somebody is, ERROR that nothing comes of it, PING asks
 * whether somebody is there and PONG says so.
 */

export type Command =
  | { readonly name: "READY"; readonly properties: ReadonlyMap<string, string> }
  | { readonly name: "ERROR"; readonly reason: string }
  /** `ttlMs`: who has heard nothing for so long is to take the peer for gone; 0: never. */
  | { readonly name: "PING"; readonly ttlMs: number; readonly context: Uint8Array }
  | { readonly name: "PONG" }
  /** Others are of no use here. */
  | { readonly name: "OTHER" };

const CONTEXT_BYTES_MAX = 16;
const encoder = new TextEncoder();

/** Says which kind of socket we are. */
export function formatReady(socketType: "PUSH" | "PULL"): Uint8Array {
  const name = "Socket-Type";
  const sizes = new Uint8Array([0, 0, 0, socketType.length]);
  return joinBytes(nameOf("READY"), nameOf(name), sizes, encoder.encode(socketType));
}

/** Says why a peer is not wanted. */
export function formatError(reason: string): Uint8Array {
  return joinBytes(nameOf("ERROR"), nameOf(reason.slice(0, 255)));
}

/** Asks whether the peer is there; it may take us for gone when it hears nothing for `ttlMs`. */
export function formatPing(ttlMs: number): Uint8Array {
  const tenths = Math.min(0xffff, Math.round(ttlMs / 100));
  return joinBytes(nameOf("PING"), new Uint8Array([tenths >> 8, tenths & 0xff]));
}

export function formatPong(context: Uint8Array): Uint8Array {
  return joinBytes(nameOf("PONG"), context);
}

/** Reads the body of a command; a text when it is none. */
export function readCommand(body: Uint8Array): Command | string {
  const length = body[0] ?? 0;
  if (length === 0 || body.length < 1 + length) return "a command has no name";
  const rest = body.subarray(1 + length);
  switch (latin1(body.subarray(1, 1 + length))) {
    case "READY": {
      const properties = readProperties(rest);
      return properties === undefined ? "its READY is cut off" : { name: "READY", properties };
    }
    case "ERROR":
      return { name: "ERROR", reason: latin1(rest.subarray(1, 1 + (rest[0] ?? 0))) };
    case "PING": {
      if (rest.length < 2 || rest.length > 2 + CONTEXT_BYTES_MAX) return "its PING is no PING";
      const ttlMs = 100 * ((rest[0] ?? 0) * 256 + (rest[1] ?? 0));
      return { name: "PING", ttlMs, context: rest.slice(2) };
    }
    case "PONG":
      return { name: "PONG" };
    default:
      return { name: "OTHER" };
  }
}

/** Names are the same in capitals and small letters: here they are small. */
function readProperties(bytes: Uint8Array): ReadonlyMap<string, string> | undefined {
  const properties = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const value = at + 1 + (bytes[at] ?? 0) + 4;
    if (value > bytes.length) return undefined;
    const size = new DataView(bytes.buffer, bytes.byteOffset + value - 4, 4).getUint32(0);
    if (value + size > bytes.length) return undefined;
    const name = latin1(bytes.subarray(at + 1, value - 4)).toLowerCase();
    properties.set(name, latin1(bytes.subarray(value, value + size)));
    at = value + size;
  }
  return properties;
}

function nameOf(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  return joinBytes(new Uint8Array([bytes.length]), bytes);
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
