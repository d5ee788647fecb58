/**
 * What real processes of an actor with workers wait for, and what is said of waiting that nobody can name.
 */
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { IDLE_MAX_MS } from "../../../lib/core/limits/deadlock.ts";
import { closeFd } from "../../../lib/host/descriptors/descriptors.ts";
import { isLinux } from "../../../lib/host/runtime.ts";
import type { PoolTopology, RelayTopology } from "../../../lib/pipe/state/relay_topology.ts";
import { readWaits } from "../../../lib/process/proc/blocked.ts";
import { readDescriptor } from "../../../lib/process/proc/process_table.ts";
import { DeadlockWatch } from "../../../lib/run/deadlock/deadlock_watch.ts";
import { WaitNodes } from "../../../lib/run/deadlock/wait_nodes.ts";
import type { WaitContext, WatchedActor, WatchedCopy } from "../../../lib/run/deadlock/watched.ts";
import { findStuck } from "../../../lib/run/deadlock/wait_graph.ts";
import { makeTestPipe } from "../../pipe/pipe_ends.ts";
import { IOS, RelayRig } from "../../pipe/relay_rig.ts";

/** Only giving up is timed. */
const PATIENCE = { timeout: 50_000, interval: 20 };

const MIB = 1024 * 1024;

const children: ChildProcess[] = [];
const fds: number[] = [];

afterEach(async () => {
  for (const fd of fds.splice(0)) closeSync(fd);
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "close");
  }
});

const TOPOLOGY: RelayTopology = {
  streams: [{ edges: [0], name: "src", writer: undefined }, { edges: [1], name: "a", writer: "a" }],
  joins: [
    { edges: [0], merge: "concat", name: "a.stdin", reader: "a" },
    { edges: [1], merge: "concat", name: "-", reader: undefined },
  ],
  edgeCount: 2,
};

/** The actor `a`, which reads `src`, with these workers. */
function makePool(pool: Pick<PoolTopology, "count" | "spread">): RelayRig {
  const io = IOS[0]?.io;
  if (io === undefined) throw new Error("no way to move bytes");
  const pools = [{
    ...pool,
    actor: "a",
    join: 0,
    streams: [1],
    order: "input",
    headerLines: 0,
    isRetried: false,
  }] as const;
  return new RelayRig({
    io,
    streams: [[0], [1]],
    joins: [{ edges: [0] }, { edges: [1] }],
    pools,
    memoryBytes: 1e9,
  });
}

function watch({ relays }: RelayRig, actor: Partial<WatchedActor>): WaitContext {
  const [, written] = relays.streams;
  const [read] = relays.joins;
  if (written === undefined || read === undefined) throw new Error("no relays");
  const a: WatchedActor = {
    name: "a",
    streams: [written],
    joins: [read],
    writers: [],
    pid: undefined,
    pipes: new Set(),
    is: "running",
    ...actor,
  };
  const actors = new Map([["a", a]]);
  return { relays, topology: TOPOLOGY, actors, pipes: new Map(), isLazy: false, hasPlaces: false };
}

/** Starts `cat` as a worker of the pool. */
function startCopy(
  rig: RelayRig,
  copy: number,
): WatchedCopy & { readonly child: ChildProcess; readonly inFd: number } {
  const [input, output] = [makeTestPipe(), makeTestPipe()];
  const names = [
    readDescriptor("self", input.readFd) ?? "",
    readDescriptor("self", output.readFd) ?? "",
  ] as const;
  // A process of its own may wait at its ends.
  const ends = [
    openSync(`/proc/self/fd/${input.readFd}`, "r"),
    openSync(`/proc/self/fd/${output.writeFd}`, "w"),
  ] as const;
  for (const fd of [input.readFd, output.writeFd]) closeFd(fd);
  const child = spawn("cat", { stdio: [...ends, "ignore"] });
  children.push(child);
  for (const fd of ends) closeSync(fd);
  rig.relays.pools[0]?.open(copy, { inFd: input.writeFd, outFds: [output.readFd], now: 0 });
  if (child.pid === undefined) throw new Error("cannot start cat");
  return {
    child,
    processes: [{ pid: child.pid, pipes: new Set(names) }],
    inFd: input.writeFd,
    input: names[0],
    outputs: [names[1]],
  };
}

async function untilItReads({ processes: [process], input }: WatchedCopy): Promise<void> {
  const { pid = 0, pipes = new Set<string>() } = process ?? {};
  const at = [{ pipe: input, does: "read", isEdge: false }];
  await vi.waitFor(
    () => expect(readWaits(pid, pipes)).toEqual({ kind: "waits", at, isUnsure: false }),
    PATIENCE,
  );
}

describe.skipIf(!isLinux)("WaitNodes", () => {
  test("take no worker for waiting whose input the engine has closed", async () => {
    const rig = makePool({ count: 1, spread: { kind: "blocks", bytes: 4 } });
    const [feeder] = [rig.feed(0), rig.take(1)];
    rig.relays.openPool(0);
    feeder.write(Buffer.alloc(MIB, "one\n"));
    rig.settle();
    const copy = startCopy(rig, 0);
    // As a process does that is being started at this moment.
    fds.push(openSync(`/proc/self/fd/${copy.inFd}`, "w"));
    rig.settle();
    await untilItReads(copy);
    const nodes = new WaitNodes(watch(rig, { copies: new Map([[0, copy]]) }), performance.now());
    const { stuck, nodes: asked } = findStuck(["join 0"], (node) => nodes.ask(node));
    expect(Object.fromEntries(asked)).toEqual({
      "join 0": { kind: "any", of: ["copy 0 0"] },
      "copy 0 0": { kind: "free" },
    });
    expect([...stuck]).toEqual([]);
  });

  test("tell of each worker what it waits for, whatever the others have in their pipes", async () => {
    const rig = makePool({ count: 2, spread: { kind: "lanes", key: { kind: "column", column: 1 } } });
    const [feeder] = [rig.feed(0), rig.take(1)];
    rig.relays.openPool(0);
    feeder.write(Buffer.from("line\n".repeat(1000)));
    rig.settle();
    const waits = rig.relays.pools[0]?.copy(0)?.waiting;
    const copies = [startCopy(rig, 0), startCopy(rig, 1)] as const;
    const [idle, full] = waits === 0 ? copies : [copies[1], copies[0]];
    full.child.kill("SIGSTOP");
    rig.settle();
    await untilItReads(idle);
    const index = copies.indexOf(idle);
    const nodes = new WaitNodes(watch(rig, { copies: new Map(copies.entries()) }), performance.now());
    expect(nodes.ask(`copy 0 ${index}`)).toEqual({ kind: "any", of: ["join 0"] });
    expect(nodes.ask(`copy 0 ${1 - index}`)).toEqual({ kind: "free" });
    expect(nodes.ask("stream 1")).toEqual({ kind: "any", of: ["copy 0 0"] });
  });
});

describe.skipIf(!isLinux)("DeadlockWatch", () => {
  test("says that it is a bug when it cannot name who waits for whom", async () => {
    const rig = makePool({ count: 1, spread: { kind: "blocks" } });
    rig.take(1);
    rig.feed(1);
    rig.settle();
    const pipe = makeTestPipe();
    const child = spawn("cat", { stdio: [pipe.readFd, "ignore", "ignore"] });
    children.push(child);
    fds.push(pipe.writeFd);
    const input = readDescriptor("self", pipe.readFd) ?? "";
    closeFd(pipe.readFd);
    // It reads what comes from a join that was never opened, which cannot be.
    const context = watch(rig, { pid: child.pid, pipes: new Set([input]) });
    const [join] = rig.relays.joins;
    if (child.pid === undefined || join === undefined) throw new Error("nothing to watch");
    const { pid } = child;
    await vi.waitFor(
      () =>
        expect(readWaits(pid).kind === "waits" && readWaits(pid)).toMatchObject({ at: [{ pipe: input }] }),
      PATIENCE,
    );
    const onDeadlock = vi.fn();
    const watching = new DeadlockWatch({ ...context, pipes: new Map([[input, join]]) }, {
      onGrown: vi.fn(),
      onDeadlock,
    });
    const start = performance.now();
    watching.stir(start);
    const looks = (): void => {
      for (let at = 1; at < 10; at++) watching.look(start + at * IDLE_MAX_MS);
    };
    expect(looks).toThrow("Cannot name who waits for whom: ");
    expect(onDeadlock).not.toHaveBeenCalled();
  });
});
