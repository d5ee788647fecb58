import { expect, test } from "vitest";
import { streamName } from "../../../lib/core/flow.ts";
import type { RelayListener } from "../../../lib/run/relays/hear_relays.ts";
import { hearRelays } from "../../../lib/run/relays/hear_relays.ts";
import { RelayedEdges } from "../../../lib/run/relays/relayed_edges.ts";
import { CAT, nameEdge, planOf } from "../plans.ts";

// v ─▶ a ─┬─▶ b ─▶ d     v and a are relayed, what b writes is a pipe
//         └─▶ c
const FAN_OUT = planOf({
  actors: {
    v: { value: "x" },
    a: { run: CAT, in: "v" },
    b: { run: CAT, in: "a" },
    c: { run: CAT, in: "a" },
    d: { run: CAT, in: "b" },
  },
  out: { "d.txt": "d", "-": "c" },
});

test("RelayedEdges groups the edges of a stream, and leaves out what is not relayed", () => {
  const edges = new RelayedEdges(FAN_OUT, () => []);
  expect(edges.streams.map((stream) => stream.edges.map(nameEdge))).toEqual([["v > a"], ["a > b", "a > c"]]);
  const found = FAN_OUT.edges.map((
    edge,
  ) => [nameEdge(edge), edges.streamOf(edge)?.id, edges.joinOf(edge)?.id]);
  expect(Object.fromEntries(found.map(([name, ...ids]) => [name, ids]))).toMatchObject({
    "v > a": [0, 0],
    "a > b": [1, 1],
    "a > c": [1, 2],
    "b > d": [undefined, undefined],
  });
});

test("RelayedEdges numbers copies after the joins and edges of the plan", () => {
  const edges = new RelayedEdges(FAN_OUT, ({ actor }) => actor === "a" ? ["capture", "keep"] : []);
  expect(edges.sides.map(({ id, edge, purpose }) => ({ id, edge, purpose }))).toEqual([
    { id: edges.joins.length, edge: FAN_OUT.edges.length, purpose: "capture" },
    { id: edges.joins.length + 1, edge: FAN_OUT.edges.length + 1, purpose: "keep" },
  ]);
  expect(edges.sideAt(edges.joins.length + 1)?.purpose).toBe("keep");
  expect(edges.topology.joins.map(({ isCopy = false }) => isCopy).filter(Boolean)).toHaveLength(2);
});

test("RelayedEdges numbers the pools of actors with workers", () => {
  const workers = { run: CAT, in: "v", workers: 2 };
  const plan = planOf({ actors: { v: { value: "x" }, a: workers, b: workers } });
  const edges = new RelayedEdges(plan, () => []);
  expect(["a", "b", "v"].map((name) => edges.poolOf(name))).toEqual([0, 1, -1]);
});

/** A listener that writes down what it is told. */
function makeListener(): { readonly heard: string[]; readonly listener: RelayListener } {
  const heard: string[] = [];
  const listener: RelayListener = {
    onBegun: ({ id }) => heard.push(`begun ${id}`),
    onStreamEnded: ({ id }, { isWhole }) => heard.push(`stream ${id} ended${isWhole ? " whole" : ""}`),
    onLost: ({ id }) => heard.push(`lost ${id}`),
    onJoinEnded: ({ id }, error) => heard.push(`join ${id} ended ${error?.code ?? "well"}`),
    onCopyCut: (stream) => heard.push(`copy of ${streamName(stream)} cut`),
    onKept: (stream) => heard.push(`${streamName(stream)} kept`),
    onGrown: (edge, { capacityBytes }) => heard.push(`${nameEdge(edge)} grown to ${capacityBytes}`),
    onDeadlock: () => heard.push("deadlock"),
    onCopyWanted: (pool, copy) => heard.push(`copy ${copy} of ${pool} wanted`),
    onCaughtUp: () => undefined,
    onSplitEnded: (actor) => heard.push(`split ${actor} ended`),
    onPoolEnded: (pool) => heard.push(`pool ${pool} ended`),
    onUnitRewound: (unit) => heard.push(`unit ${unit} rewound`),
  };
  return { heard, listener };
}

test("hearRelays() tells the end of a stream to whoever waits for it, too", async () => {
  const edges = new RelayedEdges(FAN_OUT, () => []);
  const { heard, listener } = makeListener();
  hearRelays({ type: "stream-ended", stream: 1, end: { isWhole: true } }, { edges, listener });
  await edges.streams[1]?.ended;
  expect(heard).toEqual(["stream 1 ended whole"]);
});

test("hearRelays() tells joins of the plan, copies for a capture and copies that are kept apart", () => {
  const edges = new RelayedEdges(FAN_OUT, ({ actor }) => actor === "a" ? ["capture", "keep"] : []);
  const { heard, listener } = makeListener();
  const [capture = -1, keep = -1] = edges.sides.map(({ id }) => id);
  hearRelays({ type: "join-ended", join: 0, end: "ended", error: { code: "EIO", message: "" } }, {
    edges,
    listener,
  });
  hearRelays({ type: "join-ended", join: capture, end: "ended" }, { edges, listener });
  hearRelays({ type: "join-ended", join: capture, end: "reader-left" }, { edges, listener });
  hearRelays({ type: "join-ended", join: keep, end: "ended" }, { edges, listener });
  expect(heard).toEqual(["join 0 ended EIO", "copy of a cut", "a kept"]);
});

test("hearRelays() names the edge that has grown, and tells of no stream that is not there", () => {
  const edges = new RelayedEdges(FAN_OUT, () => []);
  const { heard, listener } = makeListener();
  const at = FAN_OUT.edges.findIndex((edge) => nameEdge(edge) === "a > c");
  const growth = { edge: at, capacityBytes: 7, heldBytes: 1, isSpilled: false, afterMs: 0, cycle: [] };
  hearRelays({ type: "grown", growth }, { edges, listener });
  hearRelays({ type: "begun", stream: 99 }, { edges, listener });
  expect(heard).toEqual(["a > c grown to 7"]);
});

test("RelayedEdges waits for copies of what has ended, and of what will, for a capture", async () => {
  const edges = new RelayedEdges(FAN_OUT, ({ actor }) => actor === "a" ? ["capture", "keep"] : ["capture"]);
  const [v, a] = edges.streams;
  if (v === undefined || a === undefined) throw new Error("two streams");
  const listener: Partial<RelayListener> = {
    onBegun: () => undefined,
    onStreamEnded: () => undefined,
    onCopyCut: () => undefined,
  };
  // Only these are called.
  const hear = (report: Parameters<typeof hearRelays>[0]) =>
    hearRelays(report, { edges, listener: listener as RelayListener });
  await edges.whenCopied({ isWhole: false });
  hear({ type: "stream-ended", stream: a.id, end: { isWhole: true } });
  const told: string[] = [];
  const ended = edges.whenCopied({ isWhole: false }).then(() => told.push("a"));
  hear({ type: "begun", stream: v.id });
  const all = edges.whenCopied({ isWhole: true }).then(() => told.push("all"));
  const copyOf = (stream: typeof v) =>
    edges.sides.find(({ of, purpose }) => of === stream && purpose === "capture");
  hear({ type: "join-ended", join: copyOf(v)?.id ?? -1, end: "reader-left" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual([]);
  hear({ type: "join-ended", join: copyOf(a)?.id ?? -1, end: "ended" });
  await Promise.all([ended, all]);
  expect(told.sort()).toEqual(["a", "all"]);
});

test("hearRelays() tells of no readers that left in a try that the thread is told to forget", () => {
  const unit = { name: "u", retry: { max: 1, backoffMs: 0 } };
  const actors = FAN_OUT.actors.map((actor) => ({ ...actor, unit }));
  const of = { ...FAN_OUT.flow, actors: new Map(actors.map((actor) => [actor.name, actor])) };
  const edges = new RelayedEdges({ ...FAN_OUT, actors, flow: of }, () => []);
  const { heard, listener } = makeListener();
  const hear = (report: Parameters<typeof hearRelays>[0]) => hearRelays(report, { edges, listener });
  const [stream = -1] = edges.topology.units?.[0]?.streams ?? [];
  hear({ type: "lost", stream });
  edges.forgetUnit(0);
  hear({ type: "lost", stream });
  hear({ type: "unit-rewound", unit: 0 });
  hear({ type: "lost", stream });
  expect(heard).toEqual([`lost ${stream}`, "unit 0 rewound", `lost ${stream}`]);
});
