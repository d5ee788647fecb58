/**
 * The workers of one actor: its input is cut into whole lines and given to several processes, and what they write is
 * put together again.
 *
 *                ┌─▶ copy 3 ─┐                 blocks: a process for each block of lines, `count` at a time; outputs
 *   input ─cut───┼─▶ copy 4 ─┼─gather─▶ stream          in the order of the blocks
 *                └─▶ copy 5 ─┘                 lanes:  `count` processes for the whole input; each line to that of
 *                                                     its key
 *
 * What the first copy in order writes is given on at once. What those after it write waits in logs: when a log holds
 * WORKER_BYTES, its process waits. Nobody waits in a ring: the first copy has its whole block, or it is the one
 * that is being given one.
 */
import { BLOCK_BYTES, TURN_BYTES, WORKER_BYTES, WORKER_SLOW_MS } from "../core/limits.ts";
import type { RelayIo } from "../host/relay_io.ts";
import { AT_END } from "../host/relay_io.ts";
import { BlockSize } from "./block_size.ts";
import type { BlockStore } from "./block_store.ts";
import type { RoutedLines } from "./line_router.ts";
import { HeaderReader, LineRouter } from "./line_router.ts";
import type { PoolInput, PoolOutput } from "./pool_sides.ts";
import type { StreamState } from "./relay_states.ts";
import { baseOf, canBeDirect, floorOf, isLost, isTakenDirectly, roomOf } from "./relay_states.ts";
import type { PoolTopology } from "./relay_topology.ts";
import type { CopyOut } from "./worker_copy.ts";
import { WorkerCopy } from "./worker_copy.ts";

const LINE_FEED = 10;
const LINE_BREAK = new Uint8Array([LINE_FEED]);

/** What a pool asks of the relays around it. */
export interface PoolHost {
  readonly io: RelayIo;
  readonly store: BlockStore;
  readonly nullFd: number;
  /** Tells the pool of this descriptor from now on. */
  watch(fd: number): void;
  /** There is something for a reader who takes by himself what the pool has. */
  push(stream: StreamState): void;
  noteTaken(stream: StreamState, bytes: number): void;
  endStream(stream: StreamState): void;
  /** A process is wanted for this copy. */
  wantCopy(copy: number): void;
  /** The input may be taken again. */
  resume(): void;
  /** No more of the input is needed. */
  drop(): void;
  /** The pool is to have another turn. */
  again(): void;
  /** No process is there, and none is wanted any more. */
  end(): void;
}

export class WorkerPool implements PoolInput {
  readonly topology: PoolTopology;
  readonly input: PoolInput = this;
  /** In the order of the streams. */
  readonly outputs: readonly PoolOutput[];
  readonly #host: PoolHost;
  readonly #streams: readonly StreamState[];
  /** Those that have not ended, or whose output has not been given on whole, in order. */
  readonly #copies = new Map<number, WorkerCopy>();
  readonly #byFd = new Map<number, WorkerCopy | CopyOut>();
  readonly #size: BlockSize;
  readonly #header: HeaderReader;
  /** Where lines go by key. */
  readonly #router: LineRouter | undefined;
  /** The copy whose output is given on, of each stream. */
  readonly #heads: number[];
  /** Whose line has begun in each stream, where lines are gathered as they come. */
  readonly #inLine: (CopyOut | undefined)[];
  /** The copy that is given a block now. */
  #current: WorkerCopy | undefined;
  #cutBytes = 0;
  /** Since when its pipe is full, and whether that is long. */
  #fullSince: number | undefined;
  #isSlow = false;
  #next = 0;
  /** Taken, and not yet given to copies: there was no room. */
  #rest: { readonly copy: WorkerCopy; bytes: Uint8Array }[] = [];
  #uncut: Uint8Array = new Uint8Array();
  #isInputEnded = false;
  #isTold = false;
  readonly #buffer = new Uint8Array(BLOCK_BYTES);

  constructor(
    topology: PoolTopology,
    { host, streams }: { readonly host: PoolHost; readonly streams: readonly StreamState[] },
  ) {
    this.topology = topology;
    this.#host = host;
    this.#streams = streams;
    const { spread, count, headerLines } = topology;
    this.#size = new BlockSize(spread.kind === "blocks" ? spread.bytes : undefined);
    this.#header = new HeaderReader(headerLines);
    this.#router = spread.kind === "lanes" ? new LineRouter({ count, key: spread.key }) : undefined;
    this.#heads = streams.map(() => 0);
    this.#inLine = streams.map(() => undefined);
    this.outputs = streams.map((stream) => this.#makeOutput(stream));
  }

  #makeOutput(stream: StreamState): PoolOutput {
    const heldFor = (): number => this.#heldFor(stream);
    return {
      order: this.topology.order,
      get held() {
        return heldFor();
      },
      nextOut: () => this.#nextOut(stream),
      again: () => this.#host.again(),
      close: () => {
        this.#closeOutput(stream);
        if (this.#streams.every(({ phase }) => phase === "ended")) this.#host.drop();
      },
    };
  }

  /** True when a process is wanted that is not there yet. */
  get isStarting(): boolean {
    return [...this.#copies.values()].some(({ phase }) => phase === "wanted");
  }

  /** True when no process is there, and none will be wanted any more. */
  get isOver(): boolean {
    return this.#isInputEnded && this.#rest.length === 0 && this.#uncut.length === 0 && this.#active === 0;
  }

  get #isLanes(): boolean {
    return this.topology.spread.kind === "lanes";
  }

  /** Processes that are there or wanted. */
  get #active(): number {
    let count = 0;
    for (const { phase } of this.#copies.values()) if (phase === "wanted" || phase === "running") count += 1;
    return count;
  }

  /** True when more input may be taken. */
  get wantsInput(): boolean {
    if (this.#rest.length > 0 || this.#uncut.length > 0) return false;
    if (this.#isLanes) return [...this.#copies.values()].every((copy) => copy.waiting < WORKER_BYTES);
    const hasPlace = this.#active < this.topology.count;
    if (this.#current === undefined) return hasPlace;
    // What could go straight into its pipe is not to be held. With a place free, the rest of a slow one's block is
    // in the way.
    if (this.#current.inFd === undefined) return this.#current.waiting < BLOCK_BYTES;
    return this.#current.isWritable ? this.#current.waiting < WORKER_BYTES : hasPlace && this.#isSlow;
  }

  /** Takes the next bytes of the input. */
  take(bytes: Uint8Array): void {
    const body = this.#header.take(bytes);
    if (body.length === 0) return;
    if (this.#router !== undefined) this.#giveLanes(this.#router.route(body));
    else this.#uncut = this.#cut(body);
    this.#host.again();
  }

  #giveLanes(lines: readonly RoutedLines[]): void {
    this.#openLanes();
    for (const { lane, bytes } of lines) {
      const copy = this.#copies.get(lane);
      // One that has ended early reads no more.
      if (copy !== undefined && copy.phase !== "ended") this.#give(copy, bytes);
    }
  }

  #openLanes(): void {
    if (this.#next > 0) return;
    while (this.#next < this.topology.count) this.#plan();
  }

  /** Cuts lines into blocks; what is left is for a copy that cannot be begun now. */
  #cut(bytes: Uint8Array): Uint8Array {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#current === undefined && this.#active >= this.topology.count) return rest.slice();
      if (this.#current === undefined) this.#cutBytes = 0;
      const copy = this.#current ?? this.#plan();
      this.#current = copy;
      const found = rest.indexOf(LINE_FEED, Math.max(0, this.#size.bytes - this.#cutBytes - 1));
      const end = found === -1 ? rest.length : found + 1;
      this.#give(copy, rest.subarray(0, end));
      this.#cutBytes += end;
      rest = rest.subarray(end);
      if (found !== -1) this.#complete(copy);
    }
    return rest;
  }

  #complete(copy: WorkerCopy): void {
    this.#current = undefined;
    this.#fullSince = undefined;
    this.#isSlow = false;
    copy.isInputWhole = true;
    this.#host.again();
  }

  #plan(): WorkerCopy {
    const { isRetried, streams } = this.topology;
    const { io, store } = this.#host;
    const copy = new WorkerCopy(this.#next, { io, store, streams: streams.length, isKept: isRetried });
    this.#next += 1;
    this.#copies.set(copy.index, copy);
    copy.phase = "wanted";
    if (this.#header.bytes.length > 0) this.#give(copy, this.#header.bytes);
    this.#host.wantCopy(copy.index);
    return copy;
  }

  /** Appends to a copy's input; what the store has no room for waits. */
  #give(copy: WorkerCopy, bytes: Uint8Array): void {
    if (copy.phase === "ended") return; // It has ended without reading everything.
    if (this.#rest.some((waiting) => waiting.copy === copy)) {
      this.#rest.push({ copy, bytes: bytes.slice() });
      return;
    }
    let rest = bytes;
    for (let count = 1; rest.length > 0 && count > 0; rest = rest.subarray(count)) count = copy.take(rest);
    if (rest.length > 0) this.#rest.push({ copy, bytes: rest.slice() });
  }

  #giveRest(): void {
    const waiting = this.#rest;
    this.#rest = [];
    for (const { copy, bytes } of waiting) this.#give(copy, bytes);
  }

  /** The input is at its end. */
  end(): void {
    if (this.#isInputEnded) return;
    this.#isInputEnded = true;
    if (this.#router !== undefined) this.#giveLanes(this.#router.end());
    // An empty input is read by one process, as without workers.
    else if (this.#next === 0 && this.#uncut.length === 0) this.#current = this.#plan();
    this.#host.again();
  }

  /** What is left when everything was taken. */
  #finishInput(): void {
    if (!this.#isInputEnded || this.#rest.length > 0 || this.#uncut.length > 0) return;
    this.#current = undefined;
    for (const copy of this.#copies.values()) copy.isInputWhole = true;
  }

  /** The process of a copy is there; it owns the descriptors from now on. */
  open(
    index: number,
    { inFd, outFds, now }: {
      readonly inFd: number;
      readonly outFds: readonly number[];
      readonly now: number;
    },
  ): void {
    const copy = this.#copies.get(index);
    if (copy === undefined || copy.phase !== "wanted") {
      for (const fd of [inFd, ...outFds]) this.#host.io.close(fd);
      return;
    }
    copy.phase = "running";
    copy.startedAt = now;
    copy.inFd = inFd;
    copy.isWritable = true;
    this.#watch(inFd, copy);
    for (const [at, out] of copy.outs.entries()) {
      const fd = outFds[at];
      if (fd === undefined) continue;
      out.fd = fd;
      out.isReadable = true;
      this.#watch(fd, out);
    }
    this.#host.again();
  }

  #watch(fd: number, owner: WorkerCopy | CopyOut): void {
    this.#byFd.set(fd, owner);
    this.#host.watch(fd);
  }

  /** Something may be ready. */
  note(fd: number, isBroken: boolean): void {
    const owner = this.#byFd.get(fd);
    if (owner === undefined) return;
    if (owner instanceof WorkerCopy) {
      if (owner.inFd !== fd) return;
      owner.isWritable = true;
      if (isBroken) owner.closeInput();
    } else if (owner.fd === fd) owner.isReadable = true;
    this.#host.again();
  }

  /** The process of a copy has ended; it may be run again. */
  endCopy(
    index: number,
    { how, now }: { readonly how: "well" | "failed" | "again"; readonly now: number },
  ): void {
    const copy = this.#copies.get(index);
    if (copy === undefined) return;
    if (how === "again") copy.rewind();
    else {
      copy.phase = "ended";
      copy.isWell = how === "well";
      copy.closeInput();
      if (how === "well") this.#size.learn({ bytes: copy.input.tail, ms: now - copy.startedAt });
      else if (this.topology.isRetried) { for (const out of copy.outs) this.#forget(out); }
      copy.input.clear();
    }
    this.#rest = this.#rest.filter((waiting) => waiting.copy.phase !== "ended");
    this.#host.resume();
    this.#host.again();
  }

  #forget(out: CopyOut): void {
    out.copy.closeOut(out);
    out.log.clear();
    out.position = out.log.tail;
  }

  /** No more is taken and given: the actor has failed. */
  fail(): void {
    this.#isInputEnded = true;
    this.#rest = [];
    this.#uncut = new Uint8Array();
    this.#host.again();
  }

  /** When the pool is to have a turn at the latest, because nothing has happened. */
  get dueAt(): number {
    return this.#fullSince === undefined || this.#isSlow ? Infinity : this.#fullSince + WORKER_SLOW_MS;
  }

  /** Sees whether the copy that is given lines now does not take them. */
  #clock(now: number): void {
    const copy = this.#current;
    if (copy?.inFd === undefined || copy.isWritable) {
      this.#fullSince = undefined;
      this.#isSlow = false;
    } else {
      // Whoever is held up by its readers is not slow.
      if (this.#fullSince === undefined || copy.isHeldUp) this.#fullSince = now;
      this.#isSlow ||= now - this.#fullSince >= WORKER_SLOW_MS;
    }
  }

  /** Moves what can be moved. */
  turn(now: number): void {
    this.#giveRest();
    if (this.#uncut.length > 0) this.#uncut = this.#cut(this.#uncut);
    this.#finishInput();
    let goesOn = false;
    for (const copy of this.#copies.values()) if (copy.feed()) goesOn = true;
    for (const at of this.#streams.keys()) if (this.#gather(at)) goesOn = true;
    for (const copy of this.#copies.values()) {
      if (isSpent(copy) && !this.#inLine.some((out) => out?.copy === copy)) this.#copies.delete(copy.index);
    }
    if (goesOn) this.#host.again();
    if (this.isOver && !this.#isTold) {
      this.#isTold = true;
      this.#host.end();
    }
    this.#clock(now);
    if (this.wantsInput) this.#host.resume();
  }

  /** Gives on what the copies have written to one stream; true when there is more. */
  #gather(at: number): boolean {
    const stream = this.#streams[at];
    if (stream === undefined || stream.phase === "ended") return false;
    const goesOn = this.topology.order === "any"
      ? this.#gatherLines(stream, at)
      : this.#gatherInOrder(stream, at);
    for (const copy of this.#copies.values()) this.#collectAhead(copy, at);
    const isComplete = this.#isInputEnded && this.#rest.length === 0 && this.#uncut.length === 0 &&
      this.#current === undefined;
    if (isComplete && this.#inLine[at] === undefined && this.#areOutsSpent(at)) {
      this.#host.endStream(stream);
    }
    return goesOn;
  }

  #areOutsSpent(at: number): boolean {
    return [...this.#copies.values()].every((copy) =>
      isOutSpent(copy, at) && (!this.topology.isRetried || copy.phase === "ended")
    );
  }

  /** What copies behind the first one write waits, so that they can go on. */
  #collectAhead(copy: WorkerCopy, at: number): void {
    const { isRetried, order } = this.topology;
    const out = copy.outs[at];
    if (out === undefined) return;
    const isFirst = copy.index === this.#heads[at] || order === "any";
    if (isRetried ? copy.phase === "ended" : isFirst) return;
    // Lanes go on until the end of the input: what they write has to wait for all of it.
    copy.collect(out, isRetried || this.#isLanes ? Infinity : WORKER_BYTES);
  }

  #gatherInOrder(stream: StreamState, at: number): boolean {
    for (let turn = 0; turn < TURN_BYTES;) {
      const copy = this.#copies.get(this.#heads[at] ?? 0);
      if (copy === undefined || copy.phase === "wanted") {
        if (copy !== undefined || (this.#heads[at] ?? 0) >= this.#next) return false;
        this.#heads[at] = (this.#heads[at] ?? 0) + 1;
        continue;
      }
      if (this.topology.isRetried && copy.phase !== "ended") return false;
      if (isOutSpent(copy, at)) {
        this.#heads[at] = copy.index + 1;
        continue;
      }
      if (canBeDirect(stream) && isTakenDirectly(stream)) {
        if (this.#nextOut(stream) !== undefined) this.#host.push(stream);
        return false;
      }
      const room = roomOf(stream);
      const moved = room <= 0 ? 0 : this.#giveOn(stream, { out: copy.outs[at], room });
      if (moved === 0) return false;
      turn += moved;
    }
    return true;
  }

  /** What a reader may take next; only in the order of the input. */
  #nextOut(stream: StreamState): CopyOut | undefined {
    const at = this.#streams.indexOf(stream);
    const copy = this.#copies.get(this.#heads[at] ?? 0);
    if (copy === undefined || copy.phase === "wanted") return undefined;
    if (this.topology.isRetried && copy.phase !== "ended") return undefined;
    const out = copy.outs[at];
    if (out === undefined || isOutSpent(copy, at)) return undefined;
    return out.position < out.log.tail || out.isReadable ? out : undefined;
  }

  /** The copy whose block goes on, when bytes may go straight into its pipe, and how many of them. */
  directTarget(): { readonly copy: WorkerCopy; readonly fd: number; readonly max: number } | undefined {
    const copy = this.#current;
    if (this.topology.isRetried || copy?.inFd === undefined || !copy.isWritable) return undefined;
    if (copy.waiting > 0 || this.#rest.length > 0 || this.#uncut.length > 0) return undefined;
    // The line break at the end of the block has to be looked for.
    const max = this.#size.bytes - this.#cutBytes - 1;
    return max < BLOCK_BYTES ? undefined : { copy, fd: copy.inFd, max };
  }

  /** So many bytes went straight to the copy. */
  noteGiven(copy: WorkerCopy, bytes: number): void {
    copy.skip(bytes);
    this.#cutBytes += bytes;
  }

  /** Gives on some of what one copy has written, first what has waited. */
  #giveOn(
    stream: StreamState,
    { out, room }: { readonly out: CopyOut | undefined; readonly room: number },
  ): number {
    if (out === undefined) return 0;
    const { io, nullFd } = this.#host;
    const isForgotten = isLost(stream);
    if (out.position < out.log.tail) {
      if (isForgotten) {
        out.position = out.log.tail;
        out.log.trim(out.position);
        return 1;
      }
      const count = out.log.read(out.position, this.#buffer.subarray(0, Math.min(room, BLOCK_BYTES)));
      const moved = this.#append(stream, this.#buffer.subarray(0, Math.max(0, count)));
      out.position += moved;
      out.log.trim(out.position);
      return moved;
    }
    if (out.fd === undefined || !out.isReadable) return 0;
    const moved = isForgotten
      ? io.move({ from: out.fd, to: nullFd, max: BLOCK_BYTES })
      : stream.log.append(out.fd, { max: room, isBase: isWithinBase(stream) });
    if (moved === AT_END) {
      out.copy.closeOut(out);
      return 1;
    }
    if (moved < 0) {
      if (isForgotten || !stream.log.lacksRoom) out.isReadable = false;
      return 0;
    }
    if (!isForgotten) this.#host.noteTaken(stream, moved);
    return moved;
  }

  #append(stream: StreamState, bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length) {
      const moved = stream.log.appendBytes(bytes.subarray(done), { isBase: isWithinBase(stream) });
      if (moved <= 0) break;
      done += moved;
      this.#host.noteTaken(stream, moved);
    }
    return done;
  }

  /** Whole lines of whoever has some; a line longer than the buffer keeps the turn. */
  #gatherLines(stream: StreamState, at: number): boolean {
    let goesOn = false;
    for (const copy of this.#copies.values()) {
      const out = copy.outs[at];
      const holder = this.#inLine[at];
      if (out === undefined || (holder !== undefined && holder !== out)) continue;
      if ((this.topology.isRetried && copy.phase !== "ended") || !copy.collect(out, WORKER_BYTES)) continue;
      if (roomOf(stream) <= 0) return false;
      if (this.#giveLines(stream, { out, at })) goesOn = true;
    }
    return goesOn;
  }

  #giveLines(stream: StreamState, { out, at }: { readonly out: CopyOut; readonly at: number }): boolean {
    if (isLost(stream)) return this.#giveOn(stream, { out, room: Infinity }) > 0;
    const chunk = this.#buffer.subarray(0, Math.max(0, out.log.read(out.position, this.#buffer)));
    const isInLine = this.#inLine[at] === out;
    if (chunk.length === 0) {
      // The last line gets a line break, so that it stays a line of its own.
      if (isInLine && out.fd === undefined && this.#append(stream, LINE_BREAK) === 1) {
        this.#inLine[at] = undefined;
      }
      return false;
    }
    const lines = chunk.lastIndexOf(LINE_FEED) + 1;
    const isWhole = chunk.length === this.#buffer.length || out.fd === undefined || isInLine;
    const end = lines > 0 ? lines : isWhole ? chunk.length : 0;
    const moved = this.#append(stream, chunk.subarray(0, end));
    if (moved === 0) return false;
    out.position += moved;
    out.log.trim(out.position);
    this.#inLine[at] = chunk[moved - 1] === LINE_FEED ? undefined : out;
    return moved === end;
  }

  /** Bytes that could be given on to a gathered stream now. */
  #heldFor(stream: StreamState): number {
    const at = this.#streams.indexOf(stream);
    let held = 0;
    for (const copy of this.#copies.values()) {
      const out = copy.outs[at];
      if (out === undefined || (this.topology.isRetried && copy.phase !== "ended")) continue;
      if (this.topology.order !== "any" && copy.index !== this.#heads[at]) continue;
      held += out.log.tail - out.position + (out.fd === undefined ? 0 : this.#host.io.held(out.fd));
    }
    return held;
  }

  /** Bytes that its processes have been given, or will be, and have not read. */
  get held(): number {
    let held = 0;
    for (const copy of this.#copies.values()) {
      held += copy.waiting + (copy.inFd === undefined ? 0 : this.#host.io.held(copy.inFd));
    }
    return held;
  }

  /** Nobody reads this stream any more: who writes it sees a closed pipe. */
  #closeOutput(stream: StreamState): void {
    const at = this.#streams.indexOf(stream);
    for (const copy of this.#copies.values()) {
      const out = copy.outs[at];
      if (out !== undefined) this.#forget(out);
    }
  }

  close(): void {
    for (const copy of this.#copies.values()) copy.drop();
    this.#copies.clear();
  }
}

/** True while what the stream takes is within what it may always hold. */
function isWithinBase(stream: StreamState): boolean {
  return stream.taken - Math.min(...stream.edges.map(floorOf)) < baseOf(stream);
}

function isOutSpent(copy: WorkerCopy, at: number): boolean {
  const out = copy.outs[at];
  if (copy.phase === "wanted") return false;
  return out === undefined || (out.fd === undefined && out.position === out.log.tail);
}

/** True when nothing of it is needed any more. */
function isSpent(copy: WorkerCopy): boolean {
  return copy.phase === "ended" && copy.outs.every((_, at) => isOutSpent(copy, at));
}
