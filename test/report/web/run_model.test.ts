import { expect, test } from "vitest";
import type { RunEvent, RunEventBody } from "../../../lib/core/event.ts";
import { applyChange } from "../../../lib/report/web/apply_change.ts";
import { pageOfPlan } from "../../../lib/report/web/page_of_plan.ts";
import type { PageRun } from "../../../lib/report/web/page_run.ts";
import { RunModel } from "../../../lib/report/web/run_model.ts";
import { planOf } from "./plan_of.ts";

const START = { use: "live", engine: "sluice", pid: 7, mayControl: false, talks: [], at: 1_000 } as const;
const CHAIN = { actors: { a: { run: ["seq", "9"] }, b: { run: ["cat"], in: "a" } } };

/** What one looks at who has the page from its beginning, and what the model says it is. */
class Watched {
  readonly model: RunModel;
  page: PageRun;
  at = 1_000;

  constructor(flow: object) {
    this.model = new RunModel(pageOfPlan(planOf(flow), START));
    this.page = this.model.whole();
  }

  note(...bodies: readonly RunEventBody[]): void {
    for (const body of bodies) this.model.note({ at: this.at += 100, ...body } as RunEvent);
    for (let change = this.model.take(); change !== undefined; change = this.model.take()) {
      // As it is after its way to the browser.
      this.page = applyChange(this.page, JSON.parse(JSON.stringify(change)) as typeof change);
    }
    expect(this.page).toEqual(JSON.parse(JSON.stringify(this.model.whole())));
  }

  actor(name: string) {
    return this.page.actors.find((actor) => actor.name === name);
  }
}

const started = (actor: string, pid: number): RunEventBody => ({
  type: "actor-started",
  actor,
  pid,
  command: [actor],
});

test("RunModel tells an actor's life, from its start to its end", () => {
  const watched = new Watched(CHAIN);
  expect(watched.actor("b")).toEqual({
    name: "b",
    kind: "run",
    frames: [],
    command: "cat",
    state: "waiting",
    stderr: [],
    stderrCount: 0,
  });
  watched.note({ type: "run-started", run: "r1", flow: "f", actors: ["a", "b"] }, started("b", 9));
  watched.note({ type: "stderr", actor: "b", line: "hm" });
  watched.note({
    type: "progress",
    actors: { b: { state: "running", memoryBytes: 10, cpuMs: 20, bytesIn: 100 } },
  });
  watched.note({
    type: "progress",
    actors: { b: { state: "running", memoryBytes: 5, cpuMs: 30, bytesIn: 300 } },
  });
  expect(watched.actor("b")).toEqual({
    name: "b",
    kind: "run",
    frames: [],
    command: "cat",
    state: "running",
    pid: 9,
    startedAt: 1_200,
    cpuMs: 30,
    memoryBytes: 5,
    peakMemoryBytes: 10,
    bytesIn: 300,
    rateIn: 2_000,
    stderr: ["hm"],
    stderrCount: 1,
  });
  watched.note({
    type: "actor-ended",
    actor: "b",
    result: { state: "failed", exitCode: 3, startedAt: 1_200, endedAt: 1_600, bytesIn: 400 },
  });
  watched.note({ type: "run-ended", run: "r1", state: "failed", exitCode: 1, durationMs: 9 });
  expect(watched.actor("b")).toMatchObject({ state: "failed", exitCode: 3, endedAt: 1_600, bytesIn: 400 });
  expect(watched.actor("b")).not.toHaveProperty("memoryBytes");
  expect(watched.page.run).toMatchObject({ id: "r1", state: "failed", exitCode: 1, endedAt: 1_700 });
  expect(watched.model.hasEnded).toBe(true);
});

test("RunModel tells who waits where, since when, and for how long in all", () => {
  const watched = new Watched(CHAIN);
  watched.note(started("a", 8), started("b", 9));
  watched.note({ type: "edges", edges: [], waits: [{ actor: "b", does: "read", edge: 0 }] });
  expect(watched.actor("b")?.waiting).toEqual({ does: "read", edge: 0, waitsFor: "a", since: 1_300 });
  expect(watched.page.edges[0]).toMatchObject({ waits: "reader", state: "open" });
  watched.note({ type: "edges", edges: [], waits: [{ actor: "b" }, { actor: "a", does: "write", edge: 0 }] });
  expect(watched.page.edges[0]).toMatchObject({ waits: "writer" });
  expect(watched.actor("b")).toMatchObject({ waitedReadMs: 100 });
  expect(watched.actor("b")).not.toHaveProperty("waiting");
  // It has hardly moved, and waits again: that is one piece.
  watched.note({ type: "edges", edges: [], waits: [{ actor: "b", does: "read", edge: 0 }] });
  watched.note({ type: "run-ended", run: "r", state: "stopped", exitCode: 130, durationMs: 9 });
  expect(watched.page.pieces).toEqual([
    { id: 1, actor: "b", does: "read", from: 1_300, to: 1_600, edge: 0, waitsFor: "a" },
    { id: 2, actor: "a", does: "write", from: 1_400, to: 1_600, edge: 0, waitsFor: "b" },
  ]);
  expect(watched.actor("b")).toMatchObject({ waitedReadMs: 200 });
  expect(watched.page.edges[0]).not.toHaveProperty("waits");
});

test("RunModel tells how full an edge is, that it has grown, and in which ring", () => {
  const watched = new Watched(CHAIN);
  watched.note(started("a", 8), started("b", 9));
  watched.note({ type: "edges", edges: [{ id: 0, bytes: 0, heldBytes: 50, capacityBytes: 50 }], waits: [] });
  watched.note({ type: "edges", edges: [{ id: 0, bytes: 10, heldBytes: 50, capacityBytes: 50 }], waits: [] });
  expect(watched.page.edges[0]).toMatchObject({ bytes: 10, rate: 100, heldBytes: 50, capacityBytes: 50 });
  const cycle = [
    { waiter: "a", does: "write", from: "a", to: "b", waitsFor: "b", heldBytes: 50, capacityBytes: 50 },
  ] as const;
  watched.note({
    type: "buffer-grown",
    from: "a",
    to: "b",
    capacityBytes: 100,
    heldBytes: 50,
    isSpilled: true,
    afterMs: 4,
    cycle,
  });
  expect(watched.page.edges[0]).toMatchObject({ capacityBytes: 100, growths: 1, isSpilled: true });
  expect(watched.page.rings).toEqual([{ id: 1, kind: "bytes", at: 1_500, steps: cycle, actors: ["a"] }]);
  expect(watched.page.growths).toMatchObject([{ edge: 0, capacity: 100, held: 50 }]);
  for (let look = 0; look < 20; look++) watched.note({ type: "progress", actors: {} });
  expect(watched.page.edges[0]?.rate).toBe(0);
});

test("RunModel follows messages, and tells how long they wait and are handled", () => {
  const talker = { run: ["cat"], protocol: "messages" };
  const watched = new Watched({ actors: { x: talker, y: talker } });
  const message = (step: "sent" | "delivered", id: string, more: object) =>
    ({ type: "message", step, id, messageType: "Ask", bytes: 5, ...more }) as RunEventBody;
  watched.note(
    message("sent", "1", { sender: "x", receiver: "y" }),
    message("delivered", "1", { sender: "x", receiver: "y" }),
    message("sent", "2", { sender: "y", receiver: "x", correlationId: "1" }),
    {
      type: "mailboxes",
      actors: [{ actor: "y", messagesIn: 7, messagesOut: 3, queued: 4, size: 10, inHand: 1, processes: 1 }],
    },
  );
  expect(watched.actor("y")?.messages).toEqual({
    messagesIn: 7,
    messagesOut: 3,
    queued: 4,
    size: 10,
    inHand: 1,
    waitP50Ms: 100,
    waitP99Ms: 100,
    handleP50Ms: 100,
    handleP99Ms: 100,
  });
  expect(watched.page.messages.map(({ number, id, step }) => [number, id, step])).toEqual([
    [1, "1", "sent"],
    [2, "1", "delivered"],
    [3, "2", "sent"],
  ]);
  expect(watched.page.messages[2]?.correlationId).toBe("1");
  expect(watched.page.talks).toEqual([
    { from: "x", to: "y", words: ["Ask"], count: 1 },
    { from: "y", to: "x", words: ["Ask"], count: 1 },
  ]);
});

test("RunModel tells of messages that were not delivered, with who sent them", () => {
  const watched = new Watched({ actors: { a: { run: ["cat"], protocol: "messages" } } });
  const dead = {
    id: "m",
    messageType: "Deposit",
    receiver: "b",
    code: "INVALID",
    reason: "no",
    more: 2,
  } as const;
  watched.note({ type: "message-dead", ...dead, sender: "a/7" }, {
    type: "message-dead",
    ...dead,
    sender: "",
  });
  expect(watched.page.undelivered).toEqual([
    {
      at: 1_100,
      code: "INVALID",
      actor: "a",
      text: 'Cannot deliver "Deposit" of "a/7" to "b": no (and 2 more like it)',
    },
    {
      at: 1_200,
      code: "INVALID",
      text: 'Cannot deliver "Deposit" of a record to "b": no (and 2 more like it)',
    },
  ]);
});

test("RunModel is bounded: lines, messages and pieces are the last ones, and the others are counted", () => {
  const watched = new Watched(CHAIN);
  for (let n = 0; n < 3_000; n++) {
    const at = n;
    watched.model.note({
      at,
      type: "message",
      step: "sent",
      id: `${n}`,
      messageType: "T",
      sender: "a",
      receiver: "b",
      bytes: 1,
    });
  }
  for (let n = 0; n < 12_000; n++) {
    watched.model.note({ at: n * 1_000, type: "edges", edges: [], waits: [{ actor: "b", does: "read" }] });
    watched.model.note({ at: n * 1_000 + 500, type: "edges", edges: [], waits: [{ actor: "b" }] });
  }
  watched.model.noteStderr("b", Array.from({ length: 5_000 }, (_, n) => `line ${n}`).join("\n"));
  watched.model.noteStderr("b", "x".repeat(9_000));
  watched.model.noteStderr("nobody", "?");
  const page = watched.model.whole();
  expect(page.messages.length).toBe(1_000);
  expect(page.messages[0]?.number).toBe(2_001);
  expect(page.pieces.length).toBe(10_000);
  expect(page.more).toEqual({ actors: 0, edges: 0, messages: 2_000, pieces: 2_000, failures: 0 });
  const b = page.actors.find(({ name }) => name === "b");
  expect([b?.stderr.length, b?.stderr[0], b?.stderr.at(-1)?.length, b?.stderrCount]).toEqual([
    200,
    "line 4801",
    2_001,
    5_001,
  ]);
  // What is told of it to whoever looks is bounded as well.
  const change = watched.model.take();
  expect(change?.messages?.length).toBe(1_000);
  expect(change?.pieces?.length).toBe(2_000);
  expect(change?.stderr?.[0]?.lines.length).toBe(200);
});

test("RunModel counts the instances of an actor over a set by their states", () => {
  const watched = new Watched({
    sets: { n: { values: ["p", "q"] } },
    actors: { each: { each: "n", run: ["echo", "{n}"] } },
  });
  expect(watched.page.groups).toEqual([
    { name: "each", count: 2, states: { waiting: 2, running: 0, done: 0, failed: 0, stopped: 0 } },
  ]);
  watched.note(started("each[p]", 5));
  expect(watched.page.groups[0]?.states).toEqual({ waiting: 1, running: 1, done: 0, failed: 0, stopped: 0 });
});
