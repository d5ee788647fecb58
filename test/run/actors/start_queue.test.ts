/** When an actor may start, without a process. */
import { expect, test } from "vitest";
import type { Edge, Plan } from "../../../lib/core/plan.ts";
import { ActorRun } from "../../../lib/run/state/actor_run.ts";
import { PlanEdges } from "../../../lib/run/wiring/plan_edges.ts";
import type { StartContext } from "../../../lib/run/actors/start_queue.ts";
import { StartQueue } from "../../../lib/run/actors/start_queue.ts";
import { CAT, planOf } from "../plans.ts";

/** A queue of a plan whose actors start at once, and the names of those that have. */
function makeQueue(plan: Plan, context: Partial<StartContext> = {}) {
  const edges = new PlanEdges(plan);
  const actors = new Map(plan.actors.map((actor) => [actor.name, new ActorRun(actor)]));
  for (const [name, run] of actors) {
    run.relayedIn.push(...edges.into(name).filter(({ carrier }) => carrier === "relay"));
  }
  const state = { isStopping: false, running: 0 };
  const queue = new StartQueue(plan, {
    state,
    relays: { hasBegun: () => true, hasCaughtUp: true },
    inputFiles: { areComplete: () => true },
    cached: undefined,
    actors,
    countUnplaced: () => 0,
    ...context,
  });
  const started: string[] = [];
  const start = (run: ActorRun): Promise<void> => {
    started.push(run.actor.name);
    state.running += queue.placesOf(run);
    run.process.state = { is: "running", pid: started.length, startedAt: 0, command: [] };
    return Promise.resolve();
  };
  return { queue, state, started, actors, startReady: () => queue.startReady(start) };
}

// a ─▶ b ─▶ c
const CHAIN = { a: { run: CAT }, b: { run: CAT, in: "a" }, c: { run: CAT, in: "b" } };

test("startReady() starts everybody of an eager plan in the order of the plan", async () => {
  const { queue, started, startReady } = makeQueue(planOf({ actors: CHAIN }));
  await startReady();
  expect({ started, isEmpty: queue.isEmpty }).toEqual({ started: ["a", "b", "c"], isEmpty: true });
});

test("startReady() starts nobody who is no process", async () => {
  const { started, startReady } = makeQueue(
    planOf({ actors: { v: { value: "x" }, a: { run: CAT, in: "v" } } }),
  );
  await startReady();
  expect(started).toEqual(["a"]);
});

test("startReady() waits in a lazy start until every input has begun", async () => {
  const begun = new Set<string>();
  const hasBegun = ({ from }: Edge): boolean => begun.has(from.actor);
  const { started, startReady } = makeQueue(planOf({ start: "lazy", actors: CHAIN }), {
    relays: { hasBegun, hasCaughtUp: true },
  });
  await startReady();
  expect(started).toEqual(["a"]);
  begun.add("b");
  await startReady();
  expect(started).toEqual(["a", "c"]);
  begun.add("a");
  await startReady();
  expect(started).toEqual(["a", "c", "b"]);
});

test("startReady() starts nobody while the relays have not looked at those that were started", async () => {
  const relays = { hasBegun: () => true, hasCaughtUp: false };
  const { started, startReady } = makeQueue(planOf({ actors: CHAIN }), { relays });
  await startReady();
  expect(started).toEqual([]);
  relays.hasCaughtUp = true;
  await startReady();
  expect(started).toEqual(["a", "b", "c"]);
});

test("startReady() gives a place to nobody before those that he reads", async () => {
  const { state, started, startReady } = makeQueue(planOf({ limits: { processes: 1 }, actors: CHAIN }));
  await startReady();
  expect(started).toEqual(["a"]);
  state.running = 0;
  await startReady();
  expect(started).toEqual(["a", "b"]);
});

test("startReady() starts nobody over the places that are left, in the order of the plan", async () => {
  const workers = { run: CAT, in: "v", workers: 3 };
  const plan = planOf({
    limits: { processes: 3 },
    actors: {
      v: { value: "x" },
      one: { run: CAT },
      many: workers,
      last: { run: CAT, in: "many" },
      other: { run: CAT },
    },
  });
  const { queue, state, started, actors, startReady } = makeQueue(plan);
  expect(queue.placesOf(actors.get("many"))).toBe(3);
  await startReady();
  const first = [...started];
  state.running = 0;
  await startReady();
  expect({ first, then: started.slice(first.length) }).toEqual({ first: ["one"], then: ["many"] });
});

test("placesOf() asks for no more than there are", () => {
  const plan = planOf({
    limits: { processes: 2 },
    actors: { v: { value: "x" }, a: { run: CAT, in: "v", workers: 8 }, b: { run: CAT }, c: { run: CAT } },
  });
  const { queue, actors } = makeQueue(plan);
  expect(queue.placesOf(actors.get("a"))).toBe(2);
});

test("startReady() waits for the files that an actor is given", async () => {
  const complete = new Set(["a", "c"]);
  const areComplete = ({ actor }: ActorRun): boolean => complete.has(actor.name);
  const { started, startReady } = makeQueue(planOf({ actors: CHAIN }), { inputFiles: { areComplete } });
  await startReady();
  expect(started).toEqual(["a", "c"]);
});

test("startReady() waits for the cache", async () => {
  const cached = { isReady: ({ actor }: ActorRun) => actor.name !== "b" };
  const { started, startReady } = makeQueue(planOf({ actors: CHAIN }), { cached });
  await startReady();
  expect(started).toEqual(["a", "c"]);
});

test("startReady() starts nobody any more when the run is stopped meanwhile", async () => {
  const { queue, state, actors } = makeQueue(planOf({ actors: CHAIN }));
  const started: string[] = [];
  await queue.startReady(({ actor }) => {
    started.push(actor.name);
    state.isStopping = actor.name === "b";
    return Promise.resolve();
  });
  expect({ started, left: queue.remove("c") === actors.get("c") }).toEqual({
    started: ["a", "b"],
    left: true,
  });
});

test("remove() takes out only who waits", async () => {
  const { queue, started, startReady } = makeQueue(planOf({ actors: CHAIN }));
  expect(queue.remove("b")?.actor.name).toBe("b");
  await startReady();
  expect({ started, again: queue.remove("a") }).toEqual({ started: ["a", "c"], again: undefined });
});
