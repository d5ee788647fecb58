/**
 * Links to programs that are reached by whoever holds their connections: in another thread, by words. Whole lines go
 * and come; on each way so many bytes at most are unread.
 *
 *   RemoteOut ──lines──▶ connection ──took──▶ RemoteOut      connection ──came──▶ RemoteIn ──read──▶ connection
 */
import { REMOTE_WINDOW_BYTES } from "../../core/limits/remote.ts";
import { Deque } from "../../data/deque.ts";
import { type Moved, NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";
import type { Link, LinkIn, LinkOut } from "./link.ts";

/** What is said to whoever holds the connections. `link`: the number of a link. */
export type RemoteWord =
  | { readonly type: "remote-lines"; readonly link: number; readonly lines: Uint8Array }
  | { readonly type: "remote-read"; readonly link: number; readonly bytes: number }
  /** Nothing more comes for it. */
  | { readonly type: "remote-end"; readonly link: number };

/** True for what is about a link, and for nobody else. */
export function isRemoteWord(report: { readonly type: string }): report is RemoteWord {
  return report.type === "remote-lines" || report.type === "remote-read" || report.type === "remote-end";
}

/** And what he says. */
export type RemoteNews =
  | { readonly type: "remote-came"; readonly link: number; readonly lines: Uint8Array }
  /** So many bytes of what he was given are on their way. */
  | { readonly type: "remote-took"; readonly link: number; readonly bytes: number };

const LINE_BREAK = 0x0a;

export class RemoteLinks {
  readonly #say: (word: RemoteWord) => void;
  readonly #open = new Map<number, { readonly from: RemoteIn; readonly to: RemoteOut }>();

  constructor(say: (word: RemoteWord) => void) {
    this.#say = say;
  }

  open(link: number): Link {
    const ends = { from: new RemoteIn(link, this.#say), to: new RemoteOut(link, this.#say) };
    this.#open.set(link, ends);
    return ends;
  }

  note(news: RemoteNews): void {
    const ends = this.#open.get(news.link);
    if (news.type === "remote-came") ends?.from.came(news.lines);
    else ends?.to.took(news.bytes);
  }
}

class RemoteIn implements LinkIn {
  readonly #link: number;
  readonly #say: (word: RemoteWord) => void;
  readonly #chunks = new Deque<Uint8Array>();
  /** Where the first of them is read on. */
  #at = 0;
  held = 0;
  #onReady: (isBroken: boolean) => void = () => undefined;

  constructor(link: number, say: (word: RemoteWord) => void) {
    this.#link = link;
    this.#say = say;
  }

  came(lines: Uint8Array): void {
    this.#chunks.push(lines);
    this.held += lines.length;
    this.#onReady(false);
  }

  listen(onReady: (isBroken: boolean) => void): void {
    this.#onReady = onReady;
  }

  read(into: Uint8Array): Moved {
    let count = 0;
    for (let first = this.#chunks.first; first !== undefined; first = this.#chunks.first) {
      const part = first.subarray(this.#at, this.#at + into.length - count);
      into.set(part, count);
      count += part.length;
      this.#at += part.length;
      if (this.#at < first.length) break;
      this.#chunks.shift();
      this.#at = 0;
    }
    if (count === 0) return NOT_NOW;
    this.held -= count;
    this.#say({ type: "remote-read", link: this.#link, bytes: count });
    return count;
  }

  close(): void {
    this.#onReady = () => undefined;
  }
}

class RemoteOut implements LinkOut {
  readonly #link: number;
  readonly #say: (word: RemoteWord) => void;
  readonly tellsHeld = true;
  readonly fd = undefined;
  held = 0;
  #isClosed = false;
  #onReady: () => void = () => undefined;

  constructor(link: number, say: (word: RemoteWord) => void) {
    this.#link = link;
    this.#say = say;
  }

  took(bytes: number): void {
    this.held -= bytes;
    this.#onReady();
  }

  listen(onReady: () => void): void {
    this.#onReady = onReady;
  }

  write(bytes: Uint8Array): Moved {
    const count = this.#countOf(bytes);
    if (count === 0) return NOT_NOW;
    this.held += count;
    this.#say({ type: "remote-lines", link: this.#link, lines: bytes.slice(0, count) });
    return count;
  }

  /** Whole lines; one at least when nothing is on its way, however long. */
  #countOf(bytes: Uint8Array): number {
    const room = REMOTE_WINDOW_BYTES - this.held;
    if (bytes.length <= room) return bytes.length;
    const end = room > 0 ? bytes.lastIndexOf(LINE_BREAK, room - 1) + 1 : 0;
    return end > 0 || this.held > 0 ? end : bytes.indexOf(LINE_BREAK) + 1;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onReady = () => undefined;
    this.#say({ type: "remote-end", link: this.#link });
  }
}
