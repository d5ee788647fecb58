/** What the wiring decides, without a process or a descriptor. */
import { expect, test } from "vitest";
import type { Plan } from "../../../lib/core/plan.ts";
import { ActorEdges } from "../../../lib/run/wiring/actor_edges.ts";
import { ActorRun } from "../../../lib/run/state/actor_run.ts";
import { DirectPipes } from "../../../lib/run/wiring/direct_pipes.ts";
import { PlanEdges } from "../../../lib/run/wiring/plan_edges.ts";
import type { RelayClient } from "../../../lib/run/relays/relay_client.ts";
import { RelayedEdges } from "../../../lib/run/relays/relayed_edges.ts";
import { RelayedEnds } from "../../../lib/run/relays/relayed_ends.ts";
import { chooseInput } from "../../../lib/run/wiring/wire_input.ts";
import { chooseOutput } from "../../../lib/run/wiring/wire_output.ts";
import { CAT, nameEdge, planOf } from "../plans.ts";

/** `actor.port: way` of every input of a plan. */
function inputWays(plan: Plan): readonly string[] {
  return plan.joins.flatMap((join) =>
    join.to.kind === "actor" ? [`${join.to.actor}.${join.to.port}: ${chooseInput(join).way}`] : []
  ).sort();
}

// v ─▶ a ─▶ b ─▶ d       file ─▶ c
//      └──────▶ e
const MIXED = planOf({
  actors: {
    v: { value: "x" },
    file: { file: "/etc/hosts" },
    a: { run: CAT, in: "v" },
    b: { run: CAT, in: "a" },
    d: { run: CAT, in: "b" },
    e: { run: CAT, in: { list: { from: "a", as: "file" } } },
    c: { run: CAT, in: "file" },
  },
  out: { "-": "d", "c.txt": "c", "e.txt": "e" },
});

test("chooseInput() follows the carrier of the edge, but for files that the engine fills", () => {
  expect(inputWays(MIXED)).toEqual([
    "a.stdin: relay",
    "b.stdin: relay",
    "c.stdin: descriptor",
    "d.stdin: pipe",
    "e.list: gathered",
  ]);
});

test("chooseInput() gives nothing to an input that nobody writes", () => {
  expect(chooseInput({ to: { kind: "actor", actor: "a", port: "stdin" }, merge: "concat", edges: [] }))
    .toEqual({ way: "nothing" });
});

test("chooseOutput() follows the carrier of the edge, and the cache before it", () => {
  const edges = new PlanEdges(MIXED);
  const wayOf = (actor: string, cachedPath?: string): string =>
    chooseOutput("stdout", { readers: edges.readersOf({ actor, port: "stdout" }), cachedPath }).way;
  expect([wayOf("a"), wayOf("b"), wayOf("d"), wayOf("b", "/cache/1")])
    .toEqual(["relay", "pipe", "descriptor", "cached"]);
});

test("chooseOutput() tells what nobody reads of standard error from other streams", () => {
  const nobody = { readers: [], cachedPath: undefined };
  expect(chooseOutput("stderr", nobody)).toEqual({ way: "lines" });
  expect(chooseOutput("errors", nobody)).toEqual({ way: "unread" });
  expect(chooseOutput("stderr", { readers: [], cachedPath: "/cache/1" }))
    .toEqual({ way: "cached", path: "/cache/1", isRead: false });
});

test("PlanEdges finds the edges of an actor on both sides, and the join of an input", () => {
  const edges = new PlanEdges(MIXED);
  expect({
    out: edges.outOf("a").map(nameEdge).sort(),
    into: edges.into("b").map(nameEdge),
    none: edges.outOf("nobody"),
    join: edges.joinAt({ actor: "d", port: "stdin" })?.edges.map(nameEdge),
    missing: edges.joinAt({ actor: "d", port: "left" }),
  }).toEqual({ out: ["a > b", "a > e"], into: ["a > b"], none: [], join: ["b > d"], missing: undefined });
});

/** Relays that write down what they are told, by the names of streams and joins. */
function makeRelays(plan: Plan, told: string[]) {
  const edges = new RelayedEdges(plan, () => []);
  const ofStream = (verb: string) => (stream: RelayClient["streams"][number]): void => {
    told.push(`${verb} ${stream.edges[0]?.from.actor}`);
  };
  const ofJoin = (verb: string) => ({ join: { to } }: RelayClient["joins"][number]): void => {
    told.push(`${verb} ${to.kind === "actor" ? to.actor : to.target}`);
  };
  return {
    streamOf: edges.streamOf.bind(edges),
    joinOf: edges.joinOf.bind(edges),
    rewindStream: ofStream("rewind stream of"),
    releaseStream: ofStream("release stream of"),
    closeStream: ofStream("close stream of"),
    rewindJoin: ofJoin("rewind input of"),
    settleJoin: ofJoin("settle input of"),
    dropJoin: ofJoin("drop input of"),
  };
}

const WORKER = { pool: 0, index: 0, slot: 1 };

function makeActorEdges(plan: Plan) {
  const told: string[] = [];
  const edges = new PlanEdges(plan);
  const actors = new Map(plan.actors.map((actor) => [actor.name, new ActorRun(actor)]));
  for (const [name, run] of actors) {
    run.relayedIn.push(...edges.into(name).filter(({ carrier }) => carrier === "relay"));
  }
  const relays = makeRelays(plan, told);
  const kept = { endActor: (name: string) => void told.push(`end what is kept of ${name}`) };
  const of = new ActorEdges({ actors, edges, relays, pipes: new DirectPipes(edges), kept });
  const runOf = (name: string): ActorRun => {
    const run = actors.get(name);
    if (run === undefined) throw new Error(name);
    return run;
  };
  return { of, told, runOf };
}

test("ActorEdges.rewind() makes streams and inputs ready for another try", () => {
  const { of, told, runOf } = makeActorEdges(MIXED);
  const run = runOf("a");
  run.feeds.push({ kind: "unseen" });
  of.rewind(run);
  expect({ told, feeds: run.feeds }).toEqual({
    told: ["rewind stream of a", "rewind input of a"],
    feeds: [],
  });
});

test("ActorEdges.settle() gives on what has ended well, and closes what has not", () => {
  const well = makeActorEdges(MIXED);
  well.of.settle(well.runOf("a"), { isWell: true });
  expect(well.told).toEqual(["settle input of a", "release stream of a"]);
  const badly = makeActorEdges(MIXED);
  badly.of.settle(badly.runOf("a"), { isWell: false });
  expect(badly.told).toEqual(["settle input of a", "close stream of a"]);
});

test("ActorEdges.abandonUnstarted() leaves alone what has started", () => {
  const { of, told, runOf } = makeActorEdges(MIXED);
  for (const name of ["v", "file", "c", "d", "e"]) {
    runOf(name).end({ state: "done" });
  }
  runOf("b").process.state = { is: "running", pid: 1, startedAt: 0, command: [] };
  of.abandonUnstarted();
  expect(told).toEqual([
    "drop input of a",
    "end what is kept of a",
    "close stream of a",
    "close stream of a",
  ]);
});

test("a worker's edges are its pool's to rewind, to settle and to abandon", () => {
  const { of, told, runOf } = makeActorEdges(MIXED);
  const { actor } = runOf("a");
  const worker = new ActorRun(actor, WORKER);
  of.rewind(worker);
  of.settle(worker, { isWell: true });
  of.abandon(worker);
  expect(told).toEqual([]);
});

test("RelayedEnds.lose() closes the streams of a writer when the last of them has lost its readers", () => {
  const edges = new RelayedEdges(
    planOf({
      actors: {
        a: { run: CAT, outputs: { more: 3 } },
        b: { run: CAT, in: ["a", "a"] },
        c: { run: CAT, in: "a.more" },
        d: { run: CAT, in: ["c", "a.more"] },
      },
      out: { "-": ["b", "d"] },
    }),
    () => [],
  );
  const closed: number[] = [];
  const ends = new RelayedEnds({
    closeStream: ({ id }) => closed.push(id),
    isLost: () => false,
    countTaken: () => 0,
  });
  const streams = edges.streams.filter(({ edges: [edge] }) => edge?.from.actor === "a");
  const [first, second] = streams;
  if (first === undefined || second === undefined) throw new Error("a has two streams");
  const run = new ActorRun({ name: "a" } as ActorRun["actor"]); // Only its gate is asked.
  ends.add(run, first);
  ends.add(run, second);
  ends.lose(first);
  expect(closed).toEqual([]);
  ends.lose(second);
  expect(closed).toEqual([first.id, second.id]);
});
