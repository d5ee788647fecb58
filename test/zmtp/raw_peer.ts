/**
 * The other side of a connection, byte by byte: what a peer of any version, or none, may say.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { formatReady } from "../../lib/zmtp/commands.ts";
import { frameBytes, writeFrame } from "../../lib/zmtp/frames.ts";
import { makeGreeting } from "../../lib/zmtp/greeting.ts";

export class RawPeer {
  readonly socket: Socket;
  /** What it has heard first, as text. */
  text = "";
  /** How much it has heard. */
  bytes = 0;
  isClosed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Uint8Array) => {
      this.bytes += chunk.length;
      if (this.text.length < 4096) this.text += new TextDecoder("latin1").decode(chunk);
    });
    socket.on("error", () => undefined); // It is closed then.
    socket.on("close", () => this.isClosed = true);
  }

  static async connect(port: number): Promise<RawPeer> {
    const socket = connect(port, "127.0.0.1");
    const peer = new RawPeer(socket);
    await new Promise((resolve) => socket.once("connect", resolve));
    return peer;
  }

  write(...parts: readonly Uint8Array[]): void {
    for (const part of parts) this.socket.write(part);
  }

  /** Says who it is, as ZeroMQ does. */
  greet(type: "PUSH" | "PULL", minor = 1): void {
    const greeting = makeGreeting();
    greeting[11] = minor;
    this.write(greeting, frame(formatReady(type), 4));
  }
}

/** A frame with these flags; whether it is long is added. */
export function frame(body: Uint8Array | string, flags = 0): Uint8Array {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const whole = new Uint8Array(frameBytes(bytes.length));
  writeFrame(whole, 0, bytes);
  whole[0] = (whole[0] ?? 0) | flags;
  return whole;
}

/** Listens for one program after the other, as a peer without manners. */
export async function listenRaw(
  onPeer: (peer: RawPeer) => void,
  port = 0,
): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => onPeer(new RawPeer(socket)));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return { server, port: address.port };
}

/** Looks again and again until it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}
