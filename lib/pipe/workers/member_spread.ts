/**
 * Cuts the input of a pool into records, each for a member of its own: it is not given to a process, but told to
 * whoever starts the processes of the member.
 */
import { MEMBER_RECORD_BYTES_MAX, MEMBERS_AHEAD_MAX, MEMBERS_WAITING_MAX } from "../../core/limits/sets.ts";
import type { MemberRecord } from "../../core/flow.ts";
import type { InputSpread } from "./input_spread.ts";
import type { PoolHost } from "./pool_host.ts";
import type { PoolInput, PoolWaiting } from "../state/pool_sides.ts";
import type { WorkerCopies } from "./worker_copies.ts";
import type { WorkerCopy } from "../state/worker_copy.ts";

const LINE_FEED = 10;

export class MemberSpread implements InputSpread {
  /** At most so many members at a time, and some that wait for their places. */
  readonly #count: number;
  readonly #copies: WorkerCopies;
  readonly #host: Pick<PoolHost, "wantCopy">;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** Taken, and from `#at` on not looked at. */
  #taken: Uint8Array = new Uint8Array();
  #at = 0;
  /** The beginning of a record whose end is still to come. */
  #begun: Uint8Array = new Uint8Array();
  /** It is too long: the rest of it is left out. */
  #isTooLong = false;
  #isEnded = false;
  readonly isInBlock = false;
  readonly dueAt = Infinity;

  constructor(
    { count, copies, host }: {
      readonly count: number;
      readonly copies: WorkerCopies;
      readonly host: Pick<PoolHost, "wantCopy">;
    },
  ) {
    this.#count = count + MEMBERS_WAITING_MAX;
    this.#copies = copies;
    this.#host = host;
  }

  get hasUncut(): boolean {
    return this.#at < this.#taken.length || this.#begun.length > 0 || this.#isTooLong;
  }

  get wantsInput(): boolean {
    return this.#at >= this.#taken.length && this.#hasPlace;
  }

  get #hasPlace(): boolean {
    return this.#copies.active < this.#count && !this.#isFarAhead;
  }

  get #isFarAhead(): boolean {
    return this.#copies.size >= this.#count + MEMBERS_AHEAD_MAX;
  }

  /** The end of any of them makes a place for the next; or what has ended is to be given on first. */
  waitsFor(): PoolWaiting {
    if (this.#copies.active < this.#count) return { kind: "any", copies: [], outputs: true };
    const isActive = ({ phase }: WorkerCopy): boolean => phase === "wanted" || phase === "running";
    return { kind: "any", copies: [...this.#copies].filter(isActive) };
  }

  take(bytes: Uint8Array): void {
    const rest = this.#taken.subarray(this.#at);
    this.#taken = rest.length === 0 ? bytes.slice() : concat(rest, bytes);
    this.#at = 0;
    this.goOn();
  }

  goOn(): void {
    while (this.#at < this.#taken.length && this.#hasPlace) {
      const found = this.#taken.indexOf(LINE_FEED, this.#at);
      const end = found === -1 ? this.#taken.length : found;
      this.#add(this.#taken.subarray(this.#at, end));
      this.#at = found === -1 ? end : end + 1;
      if (found !== -1) this.#complete();
    }
    this.#completeLast();
  }

  #add(part: Uint8Array): void {
    if (this.#begun.length + part.length > MEMBER_RECORD_BYTES_MAX) {
      this.#isTooLong = true;
      this.#begun = new Uint8Array();
    } else if (!this.#isTooLong) {
      this.#begun = this.#begun.length === 0 ? part.slice() : concat(this.#begun, part);
    }
  }

  /** The last record may have no line break. */
  end(): void {
    this.#isEnded = true;
    this.#completeLast();
  }

  #completeLast(): void {
    if (this.#isEnded && this.#at >= this.#taken.length && this.#hasPlace && this.hasUncut) this.#complete();
  }

  /** A record is whole; an empty line is none. */
  #complete(): void {
    const record = this.#isTooLong ? TOO_LONG : this.#decode(this.#begun);
    const isNone = !this.#isTooLong && this.#begun.length === 0;
    this.#begun = new Uint8Array();
    this.#isTooLong = false;
    if (isNone) return;
    const copy = this.#copies.plan();
    copy.isInputWhole = true;
    this.#host.wantCopy(copy.index, record);
  }

  #decode(bytes: Uint8Array): MemberRecord {
    try {
      return { text: this.#decoder.decode(bytes) };
    } catch {
      return NO_TEXT;
    }
  }

  finish(): void {
    // Every member has its whole record from the beginning.
  }

  forget(): void {
    this.#taken = new Uint8Array();
    this.#at = 0;
    this.#begun = new Uint8Array();
    this.#isTooLong = false;
  }

  directTarget(): ReturnType<PoolInput["directTarget"]> {
    return undefined;
  }

  noteGiven(): void {
    // Nothing goes past the spread.
  }

  learn(): void {
    // A member is one record, however long that takes.
  }

  look(): void {
    // Nobody is given anything slowly.
  }
}

const NO_TEXT: MemberRecord = { problem: "is no text in UTF-8 (expected UTF-8)" };
const TOO_LONG: MemberRecord = {
  problem: `is too long (expected at most ${MEMBER_RECORD_BYTES_MAX / 1024 / 1024} MiB)`,
};

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
