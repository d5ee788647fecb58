/** What a run does with what its parts tell, without a process: every part writes down what it is asked for. */
import { describe, expect, test } from "vitest";
import type { Failure } from "../../lib/core/failure.ts";
import { ProcessRun } from "../../lib/process/state/process_run.ts";
import { ActorRun } from "../../lib/run/state/actor_run.ts";
import { listenToRelays } from "../../lib/run/listen_to_relays.ts";
import { listenToSignals } from "../../lib/run/listen_to_signals.ts";
import { failForTime } from "../../lib/run/run_limits.ts";
import { ProcessRoster } from "../../lib/run/actors/process_roster.ts";
import { RunState } from "../../lib/run/state/run_state.ts";
import { UnstartedActors } from "../../lib/run/actors/unstarted_actors.ts";
import { RelayedEdges } from "../../lib/run/relays/relayed_edges.ts";
import { CAT, planOf } from "./plans.ts";

/** A state, and what was told of it: events by their types, failures by their kinds. */
function makeState(options = { stopsOnFailure: false }) {
  const state = new RunState(options);
  const told: string[] = [];
  state.addListener({
    tell: (event) => void told.push(event.type === "failure" ? event.failure.kind : event.type),
  });
  return { state, told };
}

// v ─▶ a ─▶ b
const PLAN = planOf({
  start: "lazy",
  actors: { v: { value: "x" }, a: { run: CAT, in: "v" }, b: { run: CAT, in: "a" } },
});
const EIO = { code: "EIO", message: "EIO: i/o error" };

function actorOf(name: string) {
  const actor = PLAN.flow.actors.get(name);
  if (actor === undefined) throw new Error(name);
  return actor;
}

describe("listenToRelays()", () => {
  function listen(own: { readonly isCached?: boolean } = {}) {
    const { state, told } = makeState();
    const note = (text: string) => (): void => void told.push(text);
    const edges = new RelayedEdges(PLAN, () => []);
    const hooks = listenToRelays(PLAN, {
      state,
      wiring: { lose: note("wiring loses") },
      ends: {
        sources: { end: note("source ends"), lose: note("source loses") },
        endOutput: note("output ends"),
      } as unknown as Parameters<typeof listenToRelays>[1]["ends"], // Only these are asked.
      inputFiles: { end: note("input file ends") },
      pools: {
        add: (_, index) => index === 0 ? new ActorRun(actorOf("a")) : undefined,
        end: note("pool ends"),
      },
      members: undefined,
      splits: undefined,
      life: { start: () => Promise.resolve(note("worker starts")()) },
      capture: { file: "run.db", noteWhole: note("whole"), cut: note("cut") },
      cached: own.isCached === true
        ? { pathOf: () => "/cache/1", endStream: note("cached ends") }
        : undefined,
      kept: undefined,
      room: { memory: 1, spill: 2, folder: "/tmp", isSpillShare: false },
    });
    const stream = (actor: string) => {
      const found = edges.streams.find(({ edges: [edge] }) => edge?.from.actor === actor);
      if (found === undefined) throw new Error(actor);
      return found;
    };
    const join = (actor: string) => {
      const found = edges.joins.find(({ join: { to } }) => to.kind === "actor" && to.actor === actor);
      if (found === undefined) throw new Error(actor);
      return found;
    };
    return { hooks, state, told, stream, join };
  }

  test("an error at the stream of a process is a failure of it, at that of a source the source's", () => {
    const { hooks, state, told, stream } = listen();
    hooks.onStreamEnded(stream("v"), { isWhole: false, error: EIO });
    hooks.onStreamEnded(stream("a"), { isWhole: false, error: EIO });
    expect(told).toEqual(["source ends", "source ends", "edge"]);
    expect(state.failures).toEqual([
      { kind: "edge", actor: "a", port: "stdout", does: "writes", errno: "EIO", reason: EIO.message },
    ]);
  });

  test("an error at a stream that comes from the cache is the cache's to tell", () => {
    const { hooks, told, stream } = listen({ isCached: true });
    hooks.onStreamEnded(stream("a"), { isWhole: false, error: EIO });
    expect(told).toEqual(["source ends", "cached ends"]);
  });

  test("only a stream that has come to its end is whole", () => {
    const { hooks, told, stream } = listen();
    hooks.onStreamEnded(stream("a"), { isWhole: false });
    hooks.onStreamEnded(stream("a"), { isWhole: true });
    expect(told).toEqual(["source ends", "whole", "source ends"]);
  });

  test("an error at an input is a failure of who reads it", () => {
    const { hooks, state, join } = listen();
    hooks.onJoinEnded(join("b"), EIO);
    expect(state.failures).toMatchObject([{ kind: "edge", actor: "b", port: "stdin", does: "reads" }]);
  });

  test("a capture that is cut without an error is no failure", () => {
    const { hooks, state, told } = listen();
    hooks.onCopyCut({ actor: "a", port: "stdout" }, undefined);
    hooks.onCopyCut({ actor: "a", port: "stdout" }, EIO);
    expect(told).toEqual(["cut", "cut", "capture"]);
    expect(state.isStopping).toBe(false);
  });

  test("a worker that is wanted is started, unless none is to be any more", async () => {
    const { hooks, state, told } = listen();
    hooks.onCopyWanted(0, 0);
    hooks.onCopyWanted(0, 1);
    await state.whenTracked();
    expect(told).toEqual(["worker starts"]);
  });

  test("a deadlock stops the run, whatever the flow says of failures", () => {
    const { hooks, state, told } = listen();
    hooks.onDeadlock({ cycle: [], cause: { kind: "nobody" }, stored: { memory: 0, spill: 0 } });
    expect({ told, stopping: state.stopping }).toEqual({
      told: ["deadlock", "stopping"],
      stopping: { reason: "failure" },
    });
  });
});

describe("UnstartedActors", () => {
  function make(waiting: readonly string[]) {
    const { state, told } = makeState();
    const runs = new Map(["a", "b"].map((name) => [name, new ActorRun(actorOf(name))]));
    const unstarted = new UnstartedActors({
      state,
      queue: { remove: (name) => waiting.includes(name) ? runs.get(name) : undefined },
      edges: { abandon: () => told.push("abandon"), dropInputs: () => told.push("drop inputs") },
      relays: { noteEnded: (name) => told.push(`${name} has ended`) },
    });
    return { unstarted, state, told, runs };
  }

  test("an actor that is found in the cache is done and reads nothing", () => {
    const { unstarted, told, runs } = make(["a"]);
    const run = runs.get("a");
    if (run !== undefined) unstarted.endFound(run, 7);
    expect(told).toEqual(["drop inputs", "actor-ended", "a has ended"]);
    expect(run?.result).toEqual({ state: "done", cached: true, bytesOut: 7 });
  });

  test("an input that cannot be made fails its actor, which gives up what it is joined to", () => {
    const { unstarted, told, runs } = make(["a"]);
    unstarted.failInput({
      kind: "input",
      actor: "a",
      port: "stdin",
      folder: "/tmp",
      errno: "ENOSPC",
      reason: "",
    });
    expect(told).toEqual(["abandon", "actor-ended", "input"]);
    expect(runs.get("a")?.result).toEqual({ state: "failed" });
  });

  test("it is a failure also when the actor does not wait any more", () => {
    const { unstarted, told } = make([]);
    unstarted.failInput({
      kind: "input",
      actor: "a",
      port: "stdin",
      folder: "/tmp",
      errno: "ENOSPC",
      reason: "",
    });
    expect(told).toEqual(["input"]);
  });

  test("it is none of a run that is being ended, which lets go of what actors were to be given", () => {
    const { unstarted, state, told } = make([]);
    state.stop({ reason: "failure" });
    unstarted.failInput({
      kind: "input",
      actor: "a",
      port: "stdin",
      folder: "/tmp",
      errno: "ENOENT",
      reason: "",
    });
    expect(told).not.toContain("input");
  });
});

describe("failForTime()", () => {
  function make() {
    const { state, told } = makeState();
    const parts = {
      state,
      ends: { listWaiting: () => [] },
      roster: new ProcessRoster(),
      stopper: { stop: () => Promise.resolve(void told.push("stop it")) },
    };
    return { state, told, parts };
  }

  test("the limit of the flow ends the flow", () => {
    const { state, told, parts } = make();
    failForTime({ kind: "timeout", limitMs: 5 }, parts);
    expect(told).toEqual(["timeout", "stopping"]);
    expect(state.failures).toEqual([{ kind: "timeout", limitMs: 5, activities: [] }]);
  });

  test("the limit of an actor ends the actor", () => {
    const { state, told, parts } = make();
    const run = new ProcessRun(actorOf("a"));
    failForTime({ kind: "stall", run, limitMs: 5 }, parts);
    expect({ told, isStopping: state.isStopping, over: run.over })
      .toEqual({
        told: ["stall", "stop it"],
        isStopping: false,
        over: expect.objectContaining({ limit: "time", isTold: true }),
      });
  });

  test("of an actor that is run again it is told with its retry", () => {
    const { told, parts } = make();
    const retry = { max: 2, backoffMs: 1, backoffMaxMs: 1, factor: 2, jitter: 0 };
    const run = new ProcessRun({ ...actorOf("a"), retry } as ProcessRun["actor"]);
    run.noteStarted(Date.now());
    failForTime({ kind: "timeout", run, limitMs: 5 }, parts);
    expect({ told, over: run.over }).toEqual({
      told: ["stop it"],
      over: expect.objectContaining({ limit: "time", isTold: false }),
    });
  });
});

describe("listenToSignals()", () => {
  function make({ isServing }: { readonly isServing?: boolean } = {}) {
    const { state, told } = makeState();
    const messages = isServing === undefined ? undefined : { isServing, finish: () => undefined };
    const parts = {
      state,
      stopper: { killAll: () => void told.push("kill all") },
      finish: { begin: () => void told.push("finish") },
      messages,
    };
    const soft = new AbortController();
    const hard = new AbortController();
    const unlisten = listenToSignals({ signal: soft.signal, killSignal: hard.signal }, parts);
    return { state, told, soft, hard, unlisten };
  }

  test("a reason that is a signal's name is that signal, another is told", () => {
    const named = make();
    named.soft.abort("SIGINT");
    expect({ told: named.told, stopping: named.state.stopping })
      .toEqual({ told: ["stopping"], stopping: { reason: "signal", signal: "SIGINT" } });
    const other = make();
    other.soft.abort(new Error("enough"));
    expect(other.told).toEqual(["abort", "stopping"]);
    expect(other.state.failures).toEqual([{ kind: "abort", reason: "enough" } satisfies Failure]);
  });

  test("a flow that serves ends in an orderly way, and is killed all the same", () => {
    const { told, soft, hard } = make({ isServing: true });
    soft.abort("SIGTERM");
    expect(told).toEqual(["finish"]);
    hard.abort("SIGKILL");
    expect(told).toEqual(["finish", "finish", "stopping", "kill all"]);
  });

  test("nobody is told of a signal after the run", () => {
    const { told, soft, hard, unlisten } = make();
    unlisten();
    soft.abort("SIGINT");
    hard.abort("SIGINT");
    expect(told).toEqual([]);
  });
});
