/**
 * Listens for programs that send messages. A program that sends what is none of ZeroMQ's is told and let go of; nobody
 * else notices.
 */
import { createServer, type Server, type Socket } from "node:net";
import { lstatSync, rmSync } from "node:fs";
import { PEERS_MAX } from "../core/limits/remote.ts";
import { Connection, type Heartbeat } from "./connection.ts";
import type { Endpoint } from "../core/endpoint.ts";
import { connectTo } from "./connect_to.ts";

/** A program that sends. */
export interface PullPeer {
  /** Its address; undefined over a path of this machine. */
  readonly address: string | undefined;
  /** Nothing is read from it until it is resumed. What has come already still comes. */
  pause(): void;
  resume(): void;
}

export interface PullOptions {
  readonly messageBytesMax: number;
  readonly heartbeat?: Heartbeat;
  readonly handshakeMs?: number;
  /** `message` is only lent. */
  readonly onMessage: (message: Uint8Array, peer: PullPeer) => void;
  /** What a program has sent cannot be read; it may have been let go of. */
  readonly onTrouble?: (reason: string, peer: PullPeer) => void;
  readonly onOpen?: (peer: PullPeer) => void;
  readonly onClosed?: (peer: PullPeer) => void;
}

export class PullSocket {
  readonly #server: Server;
  readonly #options: PullOptions;
  readonly #endpoint: Endpoint;
  readonly #connections = new Set<Connection>();

  private constructor(server: Server, endpoint: Endpoint, options: PullOptions) {
    this.#server = server;
    this.#endpoint = endpoint;
    this.#options = options;
    server.on("connection", (socket) => this.#accept(socket));
  }

  /** Listens; rejects with the system's error, such as EADDRINUSE. */
  static async listen(endpoint: Endpoint, options: PullOptions): Promise<PullSocket> {
    const server = createServer();
    if (endpoint.kind === "ipc") await removeLeft(endpoint.path);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      const done = (): void => {
        server.off("error", reject);
        resolve();
      };
      if (endpoint.kind === "ipc") server.listen(endpoint.path, done);
      else if (endpoint.host === "*") server.listen(endpoint.port, done);
      else server.listen(endpoint.port, endpoint.host, done);
    });
    return new PullSocket(server, withPort(endpoint, server), options);
  }

  /** Where it listens: with the port that was free, where any was asked for. */
  get endpoint(): Endpoint {
    return this.#endpoint;
  }

  get peers(): number {
    return this.#connections.size;
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    const { onMessage, onTrouble, onOpen, onClosed, messageBytesMax, heartbeat, handshakeMs } = this.#options;
    const peer: PullPeer = {
      address: socket.remoteAddress,
      pause: () => connection.pause(),
      resume: () => connection.resume(),
    };
    if (this.#connections.size >= PEERS_MAX) {
      socket.destroy();
      return onTrouble?.(`there are ${PEERS_MAX} programs connected already`, peer);
    }
    const connection: Connection = new Connection(socket, {
      socketType: "PULL",
      messageBytesMax,
      heartbeat,
      handshakeMs,
      onOpen: () => onOpen?.(peer),
      onMessage: (message) => onMessage(message, peer),
      onBroken: (reason) => onTrouble?.(reason, peer),
      onClosed: (reason) => {
        this.#connections.delete(connection);
        if (reason !== undefined) onTrouble?.(reason, peer);
        onClosed?.(peer);
      },
    });
    this.#connections.add(connection);
  }
}

/** A socket that a program has left behind: nobody listens there any more. */
async function removeLeft(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const code = await new Promise<string | undefined>((resolve) => {
    const socket = connectTo({ kind: "ipc", path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once("error", (error) => resolve("code" in error ? String(error.code) : undefined));
  });
  if (code === "ECONNREFUSED") rmSync(path, { force: true });
}

function withPort(endpoint: Endpoint, server: Server): Endpoint {
  const address = server.address();
  return endpoint.kind === "tcp" && typeof address === "object" && address !== null
    ? { ...endpoint, port: address.port }
    : endpoint;
}
