/**
 * One program that messages are sent to, and what of them is on its way.
 */
import { readEndpoint } from "../../core/endpoint.ts";
import { Deque } from "../../data/deque.ts";
import { PushSocket } from "../../zmtp/push_socket.ts";

export interface PeerHooks {
  readonly onState?: (isOpen: boolean, reason: string | undefined) => void;
  /** So many bytes of lines are on their way. */
  readonly onTook?: (bytes: number) => void;
  /** The connection broke: so many messages may not have arrived. */
  readonly onLost: (messages: number) => void;
}

interface Waiting {
  readonly frame: Uint8Array;
  readonly lineBytes: number;
}

export class RemotePeer {
  readonly #socket: PushSocket;
  readonly #hooks: PeerHooks;
  /** What the socket has no room for. */
  readonly #waiting = new Deque<Waiting>();
  /** The lines that the socket has, by their lengths. */
  readonly #given = new Deque<number>();
  /** When something was sent last. */
  usedAt = performance.now();

  /** The endpoint was checked. */
  constructor(endpoint: string, hooks: PeerHooks) {
    const read = readEndpoint(endpoint, "connect");
    if (typeof read === "string") throw new Error(`Cannot connect to "${endpoint}": ${read}`);
    this.#hooks = hooks;
    this.#socket = new PushSocket(read, {
      onState: (isOpen, reason) => hooks.onState?.(isOpen, reason),
      onRoom: () => this.#sendWaiting(),
      onSent: ({ messages, lost }) => this.#noteSent(messages, lost),
    });
  }

  /** True when nothing waits. */
  get isIdle(): boolean {
    return this.#given.length === 0 && this.#waiting.length === 0;
  }

  /** Bytes for which the socket has no room. */
  waitingBytes = 0;

  send(frame: Uint8Array, lineBytes: number): void {
    this.usedAt = performance.now();
    if (this.#waiting.length === 0 && this.#give({ frame, lineBytes })) return;
    this.#waiting.push({ frame, lineBytes });
    this.waitingBytes += frame.length;
  }

  /** Ends the connection; gives how many messages are left. */
  async close(lingerMs: number): Promise<number> {
    return await this.#socket.close({ lingerMs }) + this.#waiting.length;
  }

  #give({ frame, lineBytes }: Waiting): boolean {
    if (!this.#socket.send(frame)) return false;
    this.#given.push(lineBytes);
    return true;
  }

  #sendWaiting(): void {
    for (let first = this.#waiting.first; first !== undefined; first = this.#waiting.first) {
      if (!this.#give(first)) return;
      this.#waiting.shift();
      this.waitingBytes -= first.frame.length;
    }
  }

  #noteSent(messages: number, lost: number): void {
    let bytes = 0;
    for (let count = 0; count < messages; count++) bytes += this.#given.shift() ?? 0;
    this.#hooks.onTook?.(bytes);
    if (lost > 0) this.#hooks.onLost(lost);
  }
}
