/**
 * One connection between two programs, from its first byte to its end.
 *
 *   greeting ──64 bytes──▶ handshake ──READY──▶ open ──▶ closed
 *      └──────────── garbage, wrong mechanism, too slow, too long ─┘
 */
import type { Socket } from "node:net";
import { BEAT_MS, COMMAND_BYTES_MAX, DEAD_MS, HANDSHAKE_MS } from "../core/limits/remote.ts";
import { formatError, formatPing, formatPong, formatReady, readCommand } from "./commands.ts";
import { frameBytes, type FrameHead, FrameReader, writeFrame } from "./frames.ts";
import { GREETING_BYTES, makeGreeting, readGreeting } from "./greeting.ts";

export type SocketType = "PUSH" | "PULL";

/** How often a peer is asked whether it is there, and when it is taken for gone. */
export interface Heartbeat {
  readonly beatMs: number;
  readonly deadMs: number;
}

export interface ConnectionOptions {
  readonly socketType: SocketType;
  readonly messageBytesMax: number;
  /** @default 2 s, 6 s */
  readonly heartbeat?: Heartbeat | undefined;
  /** @default 10 s */
  readonly handshakeMs?: number | undefined;
  /** Both sides have said who they are. */
  readonly onOpen?: () => void;
  /** `message` is only lent. */
  readonly onMessage?: (message: Uint8Array) => void;
  /** A message is none that anybody here could read; the connection goes on. */
  readonly onBroken?: (reason: string) => void;
  /** Without a reason the peer has gone, at a point where it may. */
  readonly onClosed: (reason: string | undefined) => void;
}

export class Connection {
  readonly socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #frames: FrameReader;
  #state: "greeting" | "handshake" | "open" | "closed" = "greeting";
  #greeting: Uint8Array = new Uint8Array(0);
  #heartbeats = false;
  /** When anything came from the peer last. */
  #heardAt = performance.now();
  #peerTtlMs = 0;
  #isInMessage = false;
  #reason: string | undefined;
  readonly #deadline: ReturnType<typeof setTimeout>;
  /**
   * How often messages were sent, in all; until each PING that the peer has not answered, oldest first; and until the
   * last that it has answered: so many it has read.
   */
  readonly #progress = { sent: 0, asked: [] as number[], taken: 0 };
  #beat: ReturnType<typeof setInterval> | undefined;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.socket = socket;
    this.#options = options;
    this.#frames = new FrameReader({
      messageBytesMax: options.messageBytesMax,
      commandBytesMax: COMMAND_BYTES_MAX,
      onFrame: (head, body) => this.#take(head, body),
    });
    socket.setNoDelay(true);
    socket.on("data", (chunk: Uint8Array) => this.#read(chunk));
    socket.on("error", (error) => this.#reason ??= error.message);
    socket.on("end", () => this.#noteEnd());
    socket.on("close", () => this.#close());
    const handshakeMs = options.handshakeMs ?? HANDSHAKE_MS;
    const late = `it has not said who it is within ${handshakeMs} ms`;
    this.#deadline = setTimeout(() => this.fail(late), handshakeMs);
    socket.write(makeGreeting());
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Nothing is read until it is resumed; so a peer that gives too much has to wait. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.#heardAt = performance.now(); // What it said meanwhile was not read.
    this.socket.resume();
  }

  /** Ends the connection because of the peer. */
  fail(reason: string): void {
    if (this.#state === "closed") return;
    this.#reason ??= reason;
    this.socket.destroy();
    this.#close();
  }

  /** Ends the connection. */
  close(): void {
    this.socket.destroy();
    this.#close();
  }

  #noteEnd(): void {
    if (this.#isInMessage || this.#frames.isInFrame) {
      this.#reason ??= "it went away in the middle of a message";
    } else if (this.#state !== "open") this.#reason ??= "it went away before it said who it is";
    this.socket.destroy();
  }

  #close(): void {
    if (this.#state === "closed") return;
    if (this.#frames.isInFrame) this.#reason ??= "it went away in the middle of a message";
    this.#state = "closed";
    clearTimeout(this.#deadline);
    clearInterval(this.#beat);
    this.#options.onClosed(this.#reason);
  }

  #read(chunk: Uint8Array): void {
    this.#heardAt = performance.now();
    const bytes = this.#state === "greeting" ? this.#greet(chunk) : chunk;
    if (bytes === undefined || this.#state === "closed") return;
    const problem = this.#frames.take(bytes);
    if (problem !== undefined) this.#refuse(problem);
  }

  /** Gives what comes behind the greeting. */
  #greet(chunk: Uint8Array): Uint8Array | undefined {
    const bytes = this.#greeting = concat(this.#greeting, chunk);
    const greeting = readGreeting(bytes);
    if (greeting.is === "partial") return undefined;
    if (greeting.is === "wrong") {
      this.fail(greeting.reason);
      return undefined;
    }
    this.#heartbeats = greeting.heartbeats;
    this.#state = "handshake";
    this.#command(formatReady(this.#options.socketType));
    return bytes.subarray(GREETING_BYTES);
  }

  #take({ isCommand, hasMore }: FrameHead, body: Uint8Array): void {
    if (this.#state === "closed") return;
    if (isCommand) return this.#obey(body);
    if (this.#state !== "open") return this.#refuse("it sends messages before it has said who it is");
    const isPart = this.#isInMessage || hasMore;
    this.#isInMessage = hasMore;
    if (!isPart) this.#options.onMessage?.(body);
    else if (!hasMore) this.#options.onBroken?.("it has several parts (expected one)");
  }

  #obey(body: Uint8Array): void {
    const command = readCommand(body);
    if (typeof command === "string") return this.#refuse(command);
    switch (command.name) {
      case "READY":
        return this.#state === "handshake" ? this.#open(command.properties) : undefined;
      case "ERROR":
        return this.fail(`it says: ${command.reason}`);
      case "PING":
        this.#peerTtlMs = command.ttlMs;
        if (this.#peerTtlMs > 0) this.#startBeat();
        return this.#command(formatPong(command.context));
      case "PONG":
        this.#progress.taken = this.#progress.asked.shift() ?? this.#progress.taken;
        return;
      case "OTHER":
        return;
    }
  }

  #open(properties: ReadonlyMap<string, string>): void {
    const wanted = this.#options.socketType === "PUSH" ? "PULL" : "PUSH";
    const type = properties.get("socket-type");
    if (type !== wanted) {
      return this.#refuse(`it is a socket of type ${type ?? "that it does not tell"} (expected ${wanted})`);
    }
    clearTimeout(this.#deadline);
    this.#state = "open";
    if (this.#heartbeats) this.#startBeat();
    this.#options.onOpen?.();
  }

  /** The peer is told why, if it can be. */
  #refuse(reason: string): void {
    if (this.#state === "handshake") this.#command(formatError(reason));
    this.fail(reason);
  }

  /** Messages are sent to it. */
  noteSent(): void {
    this.#progress.sent += 1;
  }

  #startBeat(): void {
    const { beatMs } = this.#options.heartbeat ?? USUAL;
    this.#beat ??= setInterval(() => this.#look(), beatMs);
  }

  #look(): void {
    const { deadMs } = this.#options.heartbeat ?? USUAL;
    // It is not read, or what asks it stands behind messages that it may not have come to: nobody knows.
    const { sent, asked, taken } = this.#progress;
    if (this.socket.isPaused() || sent > taken) this.#heardAt = performance.now();
    const silentMs = performance.now() - this.#heardAt;
    if ((this.#heartbeats && silentMs > deadMs) || (this.#peerTtlMs > 0 && silentMs > this.#peerTtlMs)) {
      return this.fail(`it has said nothing for ${Math.round(silentMs / 100) / 10} s`);
    }
    if (!this.#heartbeats) return;
    asked.push(sent);
    this.#command(formatPing(deadMs));
  }

  #command(body: Uint8Array): void {
    const frame = new Uint8Array(frameBytes(body.length));
    writeFrame(frame, 0, body, { isCommand: true });
    this.socket.write(frame);
  }
}

const USUAL: Heartbeat = { beatMs: BEAT_MS, deadMs: DEAD_MS };

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
