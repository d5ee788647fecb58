/**
 * Sends messages to one program, which is looked for again and again while it is not there. What waits for it has a
 * bound: the high-water mark. What was given to the system when the connection broke is lost, as everywhere in ZeroMQ;
 * it is never sent twice.
 *
 *   waiting ──backoff──▶ connecting ──▶ open ──broken──▶ waiting
 */
import type { Socket } from "node:net";
import {
  CONNECT_MS,
  PEER_BYTES,
  PEER_MESSAGES,
  RECONNECT_MAX_MS,
  RECONNECT_MS,
} from "../core/limits/remote.ts";
import { Connection, type Heartbeat } from "./connection.ts";
import { connectTo } from "./connect_to.ts";
import type { Endpoint } from "../core/endpoint.ts";
import { type Batch, FrameQueue } from "./frame_queue.ts";

export interface PushOptions {
  /** The high-water mark. @default 1000 messages, 4 MiB */
  readonly messagesMax?: number;
  readonly bytesMax?: number;
  /** @default 2 s, 6 s */
  readonly heartbeat?: Heartbeat;
  readonly handshakeMs?: number;
  readonly reconnectMs?: number;
  /** The peer is there, or is not; `reason`: why, if anybody knows. */
  readonly onState?: (isOpen: boolean, reason?: string) => void;
  /** There is room again after a `send` that gave false. */
  readonly onRoom?: () => void;
  /** Messages were given to the system; `lost`: so many of them may not have arrived. */
  readonly onSent?: (
    sent: { readonly messages: number; readonly bytes: number; readonly lost: number },
  ) => void;
}

export class PushSocket {
  readonly #endpoint: Endpoint;
  readonly #options: PushOptions;
  readonly #queue = new FrameQueue();
  #connection: Connection | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #isClosed = false;
  #wantsRoom = false;
  #isFlushSoon = false;
  /** What the system has been given and not yet taken. */
  #writing: Batch | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(endpoint: Endpoint, options: PushOptions = {}) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#connect();
  }

  get isOpen(): boolean {
    return this.#connection?.isOpen === true;
  }

  /** Messages that wait. */
  get waiting(): number {
    return this.#queue.messages;
  }

  /** Takes a message; false when too much waits already: it was not taken, and `onRoom` tells when it will be. */
  send(message: Uint8Array): boolean {
    const { messagesMax = PEER_MESSAGES, bytesMax = PEER_BYTES } = this.#options;
    // One message is always taken, however long.
    const { messages, bytes } = this.#queue;
    if (messages >= messagesMax || (messages > 0 && bytes + message.length > bytesMax)) {
      this.#wantsRoom = true;
      return false;
    }
    this.#queue.put(message);
    if (!this.#isFlushSoon && this.#writing === undefined && this.isOpen) {
      this.#isFlushSoon = true;
      queueMicrotask(() => this.#flush());
    }
    return true;
  }

  /** Ends it when everything was given to the system, or after `lingerMs`. Gives how many messages are left. */
  async close({ lingerMs = 0 } = {}): Promise<number> {
    if (!this.#isClosed && lingerMs > 0 && (this.waiting > 0 || this.#writing !== undefined)) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((resolve) => {
        timer = setTimeout(resolve, lingerMs);
        this.#onEmpty = resolve;
      });
      clearTimeout(timer);
    }
    if (this.#isClosed) return this.waiting;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const connection = this.#connection;
    if (connection?.isOpen === true) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(lingerMs, 1));
        connection.socket.end(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    connection?.close();
    return this.waiting;
  }

  #connect(): void {
    if (this.#isClosed) return;
    const socket = connectTo(this.#endpoint);
    const timer = setTimeout(() => socket.destroy(new Error("it does not answer")), CONNECT_MS);
    socket.once("connect", () => {
      clearTimeout(timer);
      if (this.#isClosed) return void socket.destroy();
      socket.off("error", onError);
      socket.off("close", onClose);
      this.#greet(socket);
    });
    let reason: string | undefined;
    const onError = (error: Error): void => {
      reason = reasonOf(error);
    };
    const onClose = (): void => {
      clearTimeout(timer);
      this.#later(reason);
    };
    socket.on("error", onError);
    socket.on("close", onClose);
  }

  #greet(socket: Socket): void {
    const { heartbeat, handshakeMs, onState } = this.#options;
    this.#connection = new Connection(socket, {
      socketType: "PUSH",
      messageBytesMax: 0,
      heartbeat,
      handshakeMs,
      onOpen: () => {
        this.#failures = 0;
        onState?.(true);
        this.#flush();
      },
      onClosed: (reason) => {
        this.#connection = undefined;
        this.#noteTaken({ isLost: true });
        this.#later(reason);
      },
    });
  }

  /** It is tried again, ever more seldom. */
  #later(reason: string | undefined): void {
    if (this.#isClosed) return;
    this.#options.onState?.(false, reason);
    const { reconnectMs = RECONNECT_MS } = this.#options;
    const delayMs = Math.min(RECONNECT_MAX_MS, reconnectMs * 2 ** Math.min(this.#failures++, 20));
    // Not all at the same time, when there are many.
    this.#timer = setTimeout(() => this.#connect(), delayMs * (0.5 + Math.random() / 2));
  }

  #flush(): void {
    this.#isFlushSoon = false;
    if (this.#writing !== undefined || this.#connection?.isOpen !== true) return;
    const batch = this.#queue.take();
    if (batch === undefined) return;
    this.#writing = batch;
    this.#connection.noteSent();
    this.#connection.socket.write(batch.data, (error) => {
      if (error === undefined || error === null) this.#noteTaken({ isLost: false });
    });
    this.#tellRoom();
  }

  #noteTaken({ isLost }: { readonly isLost: boolean }): void {
    const taken = this.#writing;
    this.#writing = undefined;
    if (taken === undefined) return;
    const { messages, data } = taken;
    this.#options.onSent?.({ messages, bytes: data.length, lost: isLost ? messages : 0 });
    this.#flush();
    if (this.waiting === 0 && this.#writing === undefined) this.#onEmpty?.();
  }

  #tellRoom(): void {
    if (!this.#wantsRoom) return;
    this.#wantsRoom = false;
    this.#options.onRoom?.();
  }
}

/** Of several addresses that were tried, the first tells. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError && error.message === "") {
    const [first]: readonly unknown[] = error.errors;
    return first instanceof Error ? first.message : String(first);
  }
  return error.message;
}
