/**
 * The thread that carries everything which goes through the engine. It is one loop: do what the run says, move what
 * can be moved, wait. Started by `relay_client.ts`.
 */
import { receiveMessageOnPort } from "node:worker_threads";
import type { ThreadPort } from "../../host/threads/engine_thread.ts";
import { serveThread } from "../../host/threads/engine_thread.ts";
import { isSystemError } from "../../host/errno.ts";
import { openDescriptorIo } from "../../host/descriptor_io/open_descriptor_io.ts";
import type { DescriptorIo } from "../../host/descriptor_io/descriptor_io.ts";
import { BlockStore } from "../../data/block_store.ts";
import { makeBoard } from "../../pipe/state/relay_board.ts";
import type { SplitEnd } from "../../pipe/state/relay_hooks.ts";
import type { JoinState, StreamState } from "../../pipe/state/relay_states.ts";
import type { RelayTopology } from "../../pipe/state/relay_topology.ts";
import { Relays } from "../../pipe/relays.ts";
import { readDescriptor } from "../../process/proc/process_table.ts";
import { DeadlockWatch } from "../deadlock/deadlock_watch.ts";
import { PipeOwners } from "../deadlock/pipe_owners.ts";
import { RelayPace } from "./relay_pace.ts";
import type { RelayCommand, RelayError, RelayReport, RelaySetup, SplitEnding } from "./relay_protocol.ts";
import type { WatchedActor, WatchedCopy } from "../deadlock/watched.ts";

class RelayThread {
  readonly #port: ThreadPort<readonly RelayReport[]>;
  readonly #io: DescriptorIo;
  readonly #relays: Relays;
  readonly #wakeFd: number | undefined;
  readonly #wakeBuffer = new Uint8Array(4096);
  readonly #nullFd: number;
  readonly #watch: DeadlockWatch;
  readonly #pace = new RelayPace();
  /** Nobody ever wakes who sleeps at it. */
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4));
  readonly #actors = new Map<string, WatchedActor>();
  readonly #pipes = new PipeOwners();
  readonly #said: RelayReport[] = [];
  #isAsked = false;
  #isStopped = false;

  constructor(
    setup: RelaySetup,
    { port, io }: { readonly port: ThreadPort<readonly RelayReport[]>; readonly io: DescriptorIo },
  ) {
    this.#port = port;
    this.#io = io;
    this.#wakeFd = setup.wakeFd;
    this.#nullFd = io.open("/dev/null", "write");
    if (setup.wakeFd !== undefined) io.watch(setup.wakeFd);
    const { topology } = setup;
    this.#relays = new Relays(topology, {
      io,
      store: new BlockStore({ ...setup, io }),
      board: makeBoard({ streams: topology.streams.length, edges: topology.edgeCount }, setup.board),
      nullFd: this.#nullFd,
      hooks: {
        // Only a lazy start waits for it.
        onBegun: (stream) => setup.isLazy && this.#tell({ type: "begun", stream }),
        onStreamEnded: (stream, error) => {
          const isWhole = this.#relays.streams[stream]?.isWhole ?? false;
          this.#tell({ type: "stream-ended", stream, end: { isWhole, ...toError(error) } });
        },
        onLost: (stream) => this.#tell({ type: "lost", stream }),
        onCopyWanted: (pool, copy, record) =>
          this.#tell({ type: "copy-wanted", pool, copy, ...(record === undefined ? {} : { record }) }),
        onPoolEnded: (pool) => this.#tell({ type: "pool-ended", pool }),
        onSplitEnded: (split, end) => this.#tell({ type: "split-ended", split, end: toEnding(end) }),
        onJoinEnded: (join, end, error) => {
          // A process sees the end of its input by itself.
          const target = topology.joins[join];
          if (target?.reader !== undefined && target.isFile !== true && error === undefined) return;
          this.#tell({ type: "join-ended", join, end, ...toError(error) });
        },
      },
    });
    this.#watchActors(topology);
    this.#watch = new DeadlockWatch(
      {
        relays: this.#relays,
        topology,
        actors: this.#actors,
        pipes: this.#pipes,
        isLazy: setup.isLazy,
        hasPlaces: setup.hasPlaces,
      },
      {
        onGrown: (growth) => this.#tell({ type: "grown", growth }),
        onDeadlock: (deadlock) => this.#tell({ type: "deadlock", deadlock }),
      },
    );
  }

  #watchActors(topology: RelayTopology): void {
    const actorOf = (name: string): WatchedActor => {
      const known = this.#actors.get(name);
      if (known !== undefined) return known;
      const made: WatchedActor = {
        name,
        streams: [],
        joins: [],
        writers: [],
        pid: undefined,
        pipes: new Set(),
        is: "waiting",
      };
      this.#actors.set(name, made);
      return made;
    };
    for (const [id, { writer }] of topology.streams.entries()) {
      const stream = this.#relays.streams[id];
      if (writer !== undefined && stream !== undefined) actorOf(writer).streams.push(stream);
    }
    for (const [id, { reader }] of topology.joins.entries()) {
      const join = this.#relays.joins[id];
      if (reader !== undefined && join !== undefined) actorOf(reader).joins.push(join);
    }
    for (const { writer, reader } of topology.kept ?? []) actorOf(reader).writers.push(actorOf(writer).name);
  }

  run(): void {
    let waitedMs = 0;
    for (;;) {
      for (
        let word = receiveMessageOnPort(this.#port.port);
        word !== undefined;
        word = receiveMessageOnPort(this.#port.port)
      ) {
        // Only the client of this file writes to the port.
        for (const command of word.message as readonly RelayCommand[]) this.#obey(command);
      }
      if (this.#isStopped) break;
      const now = performance.now();
      this.#relays.turn(now);
      if (this.#isAsked) this.#tell({ type: "caught-up" });
      this.#isAsked = false;
      if (this.#relays.isIdle) this.#watch.look(now);
      this.#report();
      if (this.#relays.isIdle) this.#rest(this.#pace.next(waitedMs, this.#relays.ledger.moved));
      const waitsFrom = performance.now();
      const ready = this.#io.wait(this.#relays.isIdle ? this.#timeout(now) : 0);
      const wokenAt = performance.now();
      waitedMs = wokenAt - waitsFrom;
      this.#relays.wake(wokenAt);
      if (ready.length > 0) this.#watch.stir(wokenAt);
      for (const { fd, isBroken } of ready) {
        if (fd === this.#wakeFd) this.#io.read(fd, this.#wakeBuffer);
        else this.#relays.note(fd, isBroken);
      }
    }
    this.#relays.close();
    this.#io.close(this.#nullFd);
    if (this.#wakeFd !== undefined) this.#io.close(this.#wakeFd);
    this.#io.end();
    this.#tell({ type: "stopped" });
    this.#report();
  }

  #rest(ms: number): void {
    if (ms > 0) Atomics.wait(this.#sleeper, 0, 0, ms);
  }

  #timeout(now: number): number {
    const timeouts = [this.#watch.timeout(now), this.#relays.timeout(now)].filter((ms) => ms >= 0);
    return timeouts.length === 0 ? -1 : Math.min(...timeouts);
  }

  #obey(command: RelayCommand): void {
    const relays = this.#relays;
    switch (command.type) {
      case "stream":
        this.#notePipe(command.fd, relays.streams[command.stream]);
        return relays.openStream(command.stream, command);
      case "file":
        return relays.openFile(command.stream, command.path);
      case "bytes":
        return relays.openStream(command.stream, { kind: "bytes", bytes: command.bytes });
      case "close-stream":
        return relays.closeStream(command.stream);
      case "join":
        if ("fd" in command.target) this.#notePipe(command.target.fd, relays.joins[command.join]);
        return relays.openJoin(command.join, command.target);
      case "rewind-stream":
        return relays.rewindStream(command.stream);
      case "release-stream":
        return relays.releaseStream(command.stream);
      case "unit":
        return this.#settleUnit(command);
      case "drop-join":
        return relays.dropJoin(command.join);
      case "rewind-join":
        return relays.rewindJoin(command.join);
      case "settle-join":
        return relays.settleJoin(command.join);
      case "actor-started": {
        const actor = this.#actors.get(command.actor);
        if (actor === undefined) return;
        actor.pid = command.pid;
        actor.pipes = new Set(command.pipes);
        actor.is = "running";
        return;
      }
      case "actor-ended": {
        const actor = this.#actors.get(command.actor);
        if (actor !== undefined) actor.is = "ended";
        return;
      }
      case "catch-up":
        this.#isAsked = true;
        return;
      case "open-split":
        return relays.openSplit(command.split, command.files);
      case "open-pool":
        return this.#openPool(command.pool);
      case "copy-opened":
        return this.#openCopy(command);
      case "copy-ended": {
        const pool = relays.pools[command.pool];
        this.#actors.get(pool?.topology.actor ?? "")?.copies?.delete(command.copy);
        return pool?.endCopy(command.copy, { ...command, now: performance.now() });
      }
      case "stop":
        this.#isStopped = true;
        return;
    }
  }

  #settleUnit({ unit, becomes }: RelayCommand & { readonly type: "unit" }): void {
    const { units } = this.#relays;
    if (becomes === "released") return units.release(unit);
    if (becomes === "failed") return units.fail(unit);
    units.rewind(unit);
    this.#tell({ type: "unit-rewound", unit });
  }

  #openPool(id: number): void {
    const pool = this.#relays.pools[id];
    const actor = this.#actors.get(pool?.topology.actor ?? "");
    if (actor !== undefined) {
      actor.is = "running";
      actor.copies = new Map();
    }
    this.#relays.openPool(id);
  }

  #openCopy(command: RelayCommand & { readonly type: "copy-opened" }): void {
    const pool = this.#relays.pools[command.pool];
    if (pool === undefined) return;
    const copies = this.#actors.get(pool.topology.actor)?.copies;
    if (copies !== undefined) noteCopy(command, copies);
    pool.open(command.copy, { ...command, now: performance.now() });
  }

  #notePipe(fd: number, state: StreamState | JoinState | undefined): void {
    const pipe = readDescriptor("self", fd);
    if (pipe !== undefined && state !== undefined) this.#pipes.note(pipe, state);
  }

  #tell(report: RelayReport): void {
    this.#said.push(report);
  }

  /** What was said in one go wakes the run once. */
  #report(): void {
    if (this.#said.length > 0) this.#port.say(this.#said.splice(0));
  }
}

/** The processes of a member, and their pipes, are told one after the other. */
function noteCopy(
  { copy, inFd, outFds, pid, pipes }: RelayCommand & { readonly type: "copy-opened" },
  copies: Map<number, WatchedCopy>,
): void {
  const known = inFd === undefined ? copies.get(copy) : undefined;
  const nameOf = (fd: number | "later" | undefined): string | undefined =>
    typeof fd === "number" ? readDescriptor("self", fd) : undefined;
  copies.set(copy, {
    processes: [...known?.processes ?? [], ...pid === undefined ? [] : [{ pid, pipes: new Set(pipes) }]],
    input: nameOf(inFd),
    outputs: Array.from(
      { length: Math.max(outFds.length, known?.outputs.length ?? 0) },
      (_, at) => nameOf(outFds[at]) ?? known?.outputs[at],
    ),
  });
}

function toEnding(end: SplitEnd): SplitEnding {
  if (end.how !== "unwritten") return end;
  const { error = { code: "EIO", message: end.error.message } } = toError(end.error);
  return { ...end, error };
}

function toError(error: unknown): { readonly error?: RelayError } {
  if (error === undefined) return {};
  if (!isSystemError(error)) throw error;
  return { error: { code: error.code, message: error.message } };
}

serveThread<RelaySetup, readonly RelayReport[]>((setup, port) => {
  new RelayThread(setup, { port, io: openDescriptorIo(setup) }).run();
});
