/**
 * Flows and plans for the tests of reports, without a file and without the checks of `lib/flow`.
 */
import type { Actor, ActorSource, Flow, FlowOutput, StreamRef } from "../../lib/core/flow.ts";
import type { Plan } from "../../lib/core/plan.ts";
import { planFlow } from "../../lib/graph/plan_flow.ts";

/** An actor in short: `in` is a list of streams on stdin or ports by name, written as in a flow file. */
export interface ActorSketch {
  readonly run?: readonly [string, ...string[]];
  readonly sh?: string;
  readonly value?: string | Uint8Array;
  readonly file?: string;
  readonly stdin?: true;
  readonly in?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  readonly merge?: "concat" | "lines";
  readonly outputs?: Readonly<Record<string, number>>;
  readonly explain?: string;
  readonly cwd?: string;
}

export interface FlowSketch {
  readonly name?: string;
  readonly actors: Readonly<Record<string, ActorSketch>>;
  /** Target to streams. @default `-` with the last actor */
  readonly out?: Readonly<Record<string, readonly string[]>>;
}

/** A flow that was not checked. */
export function sketchFlow(sketch: FlowSketch): Flow {
  const names = Object.keys(sketch.actors);
  const out = sketch.out ?? { "-": names.slice(-1) };
  const outputs: FlowOutput[] = Object.entries(out).map(([target, streams]) => ({
    target,
    streams: streams.map(toStream),
  }));
  const flow: Omit<Flow, keyof Flow & symbol> = {
    name: sketch.name ?? "sketch",
    file: "/flows/flow.json",
    actors: new Map(Object.entries(sketch.actors).map(([name, actor]) => [name, toActor(name, actor)])),
    aliases: new Map(),
    outputs,
    start: "eager",
    onFailure: "stop",
    graceMs: 5_000,
  };
  // Only lib/flow can make the mark of a checked flow; here the test author has checked it.
  return flow as Flow;
}

/** The plan of a flow that was not checked. */
export function sketchPlan(sketch: FlowSketch): Plan {
  const planned = planFlow(sketchFlow(sketch));
  if (!planned.ok) throw new Error("cannot plan the sketch");
  return planned.plan;
}

/** `foo` reads `keys`, `bar` reads a value and `foo`, `baz` reads `bar`: the example of the first seed. */
export const SEED: FlowSketch = {
  name: "mee-too",
  actors: {
    note: { value: "(mee too)", explain: "Static text" },
    keys: { stdin: true, explain: "Read from stdin" },
    foo: { run: ["cat"], in: ["keys"], explain: "Copy" },
    bar: { run: ["cat"], in: ["note", "foo"], explain: "Copy" },
    baz: { run: ["cat"], in: ["bar"], explain: "Copy" },
  },
};

/** src → left, right → join: hangs in a shell. */
export const DIAMOND: FlowSketch = {
  name: "diamond",
  actors: {
    src: { run: ["seq", "1000000"] },
    left: { run: ["cat"], in: ["src"] },
    right: { run: ["cat"], in: ["src"] },
    join: { run: ["cat"], in: ["left", "right"] },
  },
};

/** A chain `n0 → n1 → …` of so many actors. */
export function sketchChain(length: number): FlowSketch {
  const actors: Record<string, ActorSketch> = {};
  for (let at = 0; at < length; at++) {
    actors[`n${at}`] = { run: ["cat"], ...(at === 0 ? {} : { in: [`n${at - 1}`] }) };
  }
  return { name: "chain", actors };
}

function toActor(name: string, sketch: ActorSketch): Actor {
  const ports: Readonly<Record<string, readonly string[]>> = isList(sketch.in)
    ? { stdin: sketch.in }
    : sketch.in ?? {};
  return {
    name,
    source: toSource(sketch),
    inputs: Object.entries(ports).map(([port, streams]) => ({
      name: port,
      streams: streams.map(toStream),
      merge: sketch.merge ?? "concat",
    })),
    outputs: Object.entries(sketch.outputs ?? {}).map(([port, fd]) => ({ name: port, fd })),
    env: {},
    cwd: sketch.cwd ?? "/flows",
    ok: [0],
    ...(sketch.explain === undefined ? {} : { explain: sketch.explain }),
  };
}

function isList(value: ActorSketch["in"]): value is readonly string[] {
  return Array.isArray(value);
}

function toSource(sketch: ActorSketch): ActorSource {
  if (sketch.run !== undefined) return { kind: "run", argv: sketch.run };
  if (sketch.sh !== undefined) return { kind: "sh", script: sketch.sh };
  if (sketch.file !== undefined) return { kind: "file", path: sketch.file };
  if (sketch.stdin) return { kind: "stdin" };
  const value = sketch.value ?? "";
  return { kind: "value", bytes: typeof value === "string" ? new TextEncoder().encode(value) : value };
}

function toStream(text: string): StreamRef {
  const [actor = "", port = "stdout"] = text.split(".");
  return { actor, port };
}
