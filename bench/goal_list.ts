/**
 * What is to be reached, by numbers: commands that are timed in interleaved rounds, and what is asked of them. The cases
 * are those of the ratchet, in full size.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import {
  type Case,
  chain,
  concat,
  diamond,
  fanOut,
  keyed,
  layers,
  planning,
  type Runtime,
  RUNTIMES,
  shortProcesses,
  start,
  stderr,
} from "./cases.ts";
import { engines, peer, root } from "./harness.ts";
import { type Figures, findPyzmq, oneWay, requests, sdkActor, zmqCommand } from "./message_cases.ts";
import { splitTable } from "./split.ts";
import type { Timed } from "./timed.ts";

/** The least of all rounds of one command, and what it printed in them. */
export interface Least extends Pick<Timed, "ms" | "processorMs" | "peakBytes"> {
  readonly figures: readonly Figures[];
}
export type Results = (label: string) => Least;

export interface Figure {
  readonly value: number;
  /** The same in processor time. */
  readonly processor?: number;
}

export interface Goal {
  readonly name: string;
  /** The value to hold: at most, or at least where more is better. */
  readonly limit: Readonly<Record<Runtime, number>>;
  readonly isMoreBetter?: boolean;
  readonly unit?: string;
  readonly of: (results: Results, runtime: Runtime) => Figure;
}

export interface Trial {
  readonly name: string;
  readonly rounds: number;
  /** Whether commands print figures. @default false */
  readonly printsFigures?: boolean;
  /** By label: each is run once in a round. */
  readonly commands: ReadonlyMap<string, readonly string[]>;
  readonly goals: readonly Goal[];
}

const PIPE_SIZES = [64, 128, 256, 1024];
const MIB = 1024 ** 2;

/** All of them; `scale` makes less of each, for a look whether all goes. */
export function listTrials(scale: number): readonly Trial[] {
  const rounds = (full: number): number => scale < 1 ? 1 : full;
  const mib = (full: number): number => Math.max(1, Math.round(full * scale));
  return [
    startTrial(rounds(10)),
    ...[1, 4, 16].map((count) =>
      chainTrial(chain(count, mib(4096)), { count, mib: mib(4096), rounds: rounds(3) })
    ),
    pair(shortProcesses(mib(1_000)), all(0.75), rounds(5)),
    pair(layers(mib(10_000)), all(1.2), rounds(1)),
    pair(planning(mib(10_000), "check"), all(2.5), rounds(5)),
    pair(planning(mib(10_000), "--dry-run"), all(2.5), rounds(3)),
    growth(mib(10_000), rounds(1)),
    pair(concat(mib(256)), all(0.95), rounds(5)),
    pair(diamond(mib(1024)), all(0.8), rounds(2)),
    pair(diamond(mib(1024), "64MiB"), all(0.95), rounds(2)),
    pair(fanOut(mib(1024)), all(0.85), rounds(3)),
    pair(stderr(20), all(3), rounds(3)),
    pair(splitTable(mib(1024)), all(1.5), rounds(2)),
    sdkTrial(rounds(3)),
    oneWayTrial(mib(300_000), rounds(3)),
    requestTrial(mib(10_000), rounds(3)),
    keyedTrial(mib(100_000), rounds(3)),
  ];
}

function all(limit: number): Goal["limit"] {
  return { deno: limit, bun: limit, node: limit };
}

function ours(runtime: Runtime, args: readonly string[]): readonly string[] {
  return [...engines[RUNTIMES.indexOf(runtime)]?.command ?? [], ...args];
}

function commandsOf({ peer, args }: Case): Map<string, readonly string[]> {
  const commands = new Map<string, readonly string[]>();
  for (const runtime of RUNTIMES) {
    commands.set(`peer of ${runtime}`, peer[runtime]);
    commands.set(runtime, ours(runtime, args));
  }
  const isShared = peer.deno.join() === peer.bun.join();
  if (!isShared) return commands;
  commands.delete("peer of bun");
  commands.delete("peer of node");
  return commands;
}

/** Time of one for the time of another. */
function ratio(one: Least, other: Least): Figure {
  return { value: one.ms / other.ms, processor: one.processorMs / other.processorMs };
}

function pair(one: Case, limit: Goal["limit"], rounds: number): Trial {
  return {
    name: one.name,
    rounds,
    commands: commandsOf(one),
    goals: [{
      name: `${one.name}, against ${one.against}`,
      limit,
      of: (results, runtime) => ratio(results(runtime), results("peer of deno")),
    }],
  };
}

function startTrial(rounds: number): Trial {
  const one = start();
  const commands = commandsOf(one);
  const isBuilt = existsSync(join(root, "dist", "mod.js"));
  if (isBuilt) commands.set("installed", [join(root, "bin", "sluice"), ...one.args]);
  for (const tool of ["execa", "zx", "dax"]) commands.set(tool, peer("node", "hello.mjs", tool));
  const own: Goal = {
    name: "start, against `deno eval 1`, Bun Shell and `node -e 1`",
    limit: { deno: 3, bun: 5, node: 5 },
    of: (results, runtime) => ratio(results(runtime), results(`peer of ${runtime}`)),
  };
  const installed: Goal = {
    name: "start of the npm package, against `node -e 1`",
    limit: { deno: Number.NaN, bun: Number.NaN, node: 2.5 },
    of: (results, runtime) =>
      runtime === "node" ? ratio(results("installed"), results("peer of node")) : { value: Number.NaN },
  };
  const beside = ["execa", "zx", "dax"].map((tool): Goal => ({
    name: `start, against ${tool} on Node`,
    limit: all(Infinity),
    of: (results, runtime) => ratio(results(runtime), results(tool)),
  }));
  return { name: "start", rounds, commands, goals: [own, ...isBuilt ? [installed] : [], ...beside] };
}

function chainTrial(
  one: Case,
  { count, mib, rounds }: { readonly count: number; readonly mib: number; readonly rounds: number },
): Trial {
  const commands = commandsOf(one);
  const launcher = join(root, "bench", "peers", "launcher.pl");
  const labels = PIPE_SIZES.map((kib) => {
    const label = `pipes of ${kib} KiB`;
    commands.set(label, ["perl", launcher, String(kib * 1024), String(count), String(mib * MIB)]);
    return label;
  });
  return {
    name: one.name,
    rounds,
    commands,
    goals: [
      {
        name: `${one.name} over ${mib} MiB, against bash`,
        limit: all(1),
        of: (results, runtime) => ratio(results(runtime), results("peer of deno")),
      },
      {
        name: `${one.name}, against the best of four pipe sizes`,
        limit: all(1.03),
        of: (results, runtime) => {
          const [best = results("peer of deno")] = labels.map(results).sort((a, b) => a.ms - b.ms);
          return ratio(results(runtime), best);
        },
      },
    ],
  };
}

/** Ten times as many actors. */
function growth(count: number, rounds: number): Trial {
  const [small, large] = [planning(count, "check"), planning(count * 10, "check")];
  const commands = new Map(RUNTIMES.flatMap((runtime) => [
    [`${runtime}, few`, ours(runtime, small.args)] as const,
    [`${runtime}, many`, ours(runtime, large.args)] as const,
  ]));
  return {
    name: large.name,
    rounds,
    commands,
    goals: [
      {
        name: `${large.name}, against ${small.name}`,
        limit: all(12),
        of: (results, runtime) => ratio(results(`${runtime}, many`), results(`${runtime}, few`)),
      },
      {
        name: `${large.name}, memory`,
        limit: all(1024),
        unit: "MiB",
        of: (results, runtime) => ({ value: results(`${runtime}, many`).peakBytes / MIB }),
      },
    ],
  };
}

function keyedTrial(count: number, rounds: number): Trial {
  const one = keyed(count);
  return {
    name: one.name,
    rounds,
    commands: commandsOf(one),
    goals: [{
      name: `${one.name}, with start`,
      limit: all(100_000),
      isMoreBetter: true,
      unit: "a second",
      of: (results, runtime) => ({
        value: count / results(runtime).ms * 1000,
        processor: count / results(runtime).processorMs * 1000,
      }),
    }],
  };
}

/** No runtime is in it: what the SDK itself does, and what it needs against Python's own json for each line. */
function sdkTrial(rounds: number): Trial {
  const script = join(root, "bench", "sdk.ts");
  const command = (subject: string): readonly string[] => [process.execPath, script, "0", subject];
  const values = ({ figures }: Least, name: string): readonly number[] =>
    figures.map((each) => each[name] ?? Number.NaN);
  const rate = (kind: string, name: string, atLeast: number): Goal => ({
    name,
    limit: all(atLeast),
    isMoreBetter: true,
    unit: "a second",
    of: (results) => ({ value: Math.max(...values(results("SDK"), kind)) }),
  });
  const share = (kind: string, name: string): Goal => ({
    name,
    limit: all(Infinity),
    of: (results) => ({
      value: Math.min(...values(results("SDK"), `${kind} µs`)) /
        Math.min(...values(results("bare"), `${kind} µs`)),
    }),
  });
  return {
    name: "Python SDK",
    rounds,
    printsFigures: true,
    commands: new Map([["SDK", command("Python")], ["bare", command("bare json in Python")]]),
    goals: [
      rate("Note", "the Python SDK takes messages", 284_000),
      rate("Ping", "the Python SDK answers messages", 170_000),
      share("Note", "processor time of a message taken, against json.loads for each line"),
      share("Ping", "processor time of a message answered, against json.loads and json.dumps"),
    ],
  };
}

function withZmq(
  commands: Map<string, readonly string[]>,
  what: "zmq-one-way" | "zmq-request",
  count: number,
) {
  const zmq = findPyzmq();
  if (zmq !== undefined) commands.set("pyzmq", zmqCommand(zmq, what, count));
  return zmq !== undefined;
}

function oneWayTrial(count: number, rounds: number): Trial {
  const flow = oneWay(`sdk-one-way-${count}`, [sdkActor("send", count), sdkActor("sink", count)]);
  const commands = new Map(RUNTIMES.map((runtime) => [runtime as string, ours(runtime, [flow])]));
  const hasZmq = withZmq(commands, "zmq-one-way", count);
  const rate = ({ figures }: Least): number => Math.max(...figures.map((each) => each["rate"] ?? 0));
  const goals: readonly Goal[] = [
    {
      name: "messages from SDK to SDK",
      limit: all(0),
      isMoreBetter: true,
      unit: "a second",
      of: (results, runtime) => ({ value: rate(results(runtime)) }),
    },
    {
      name: "messages from SDK to SDK, time against pyzmq",
      limit: all(Infinity),
      of: (results, runtime) => ({ value: rate(results("pyzmq")) / rate(results(runtime)) }),
    },
  ];
  return {
    name: "one way",
    rounds,
    printsFigures: true,
    commands,
    goals: hasZmq ? goals : goals.slice(0, 1),
  };
}

function requestTrial(count: number, rounds: number): Trial {
  const flow = requests(`sdk-requests-${count}`, [sdkActor("client", count), sdkActor("server")]);
  const commands = new Map(RUNTIMES.map((runtime) => [runtime as string, ours(runtime, [flow])]));
  const hasZmq = withZmq(commands, "zmq-request", count);
  const least = ({ figures }: Least, value: (each: Figures) => number): number =>
    Math.min(...figures.map(value));
  const p50 = (result: Least): number => least(result, (each) => each["p50"] ?? Number.NaN);
  const goals: readonly Goal[] = [
    {
      name: "request and reply with the SDK, p99 against p50",
      limit: all(3),
      of: (results, runtime) => ({
        value: least(results(runtime), (each) => (each["p99"] ?? Number.NaN) / (each["p50"] ?? Number.NaN)),
      }),
    },
    {
      name: "request and reply with the SDK, p50 against pyzmq",
      limit: all(Infinity),
      of: (results, runtime) => ({ value: p50(results(runtime)) / p50(results("pyzmq")) }),
    },
  ];
  return {
    name: "requests",
    rounds,
    printsFigures: true,
    commands,
    goals: hasZmq ? goals : goals.slice(0, 1),
  };
}
