import { expect, test } from "vitest";
import type { RunEventBody } from "../../../lib/core/event.ts";
import { systemError } from "../../../lib/host/errno.ts";
import { RunState } from "../../../lib/run/state/run_state.ts";

function makeState(): { readonly state: RunState; readonly events: RunEventBody["type"][] } {
  const events: RunEventBody["type"][] = [];
  const state = new RunState({ stopsOnFailure: false });
  state.addListener({ tell: ({ type }) => void events.push(type) });
  return { state, events };
}

test("tellStderr() makes an event of each line, but not for those that take texts", () => {
  const { state, events } = makeState();
  const texts: string[] = [];
  state.addListener({
    tell: () => undefined,
    tellStderr: (actor, lines) => void texts.push(`${actor}: ${lines}`),
  });
  state.tellStderr("a", "one\ntwo");
  expect(events).toEqual(["stderr", "stderr"]);
  expect(texts).toEqual(["a: one\ntwo"]);
});

test("throwBug() throws a bug that was reported after the last look", async () => {
  const { state } = makeState();
  state.beginLook();
  state.track(Promise.reject(new TypeError("a mistake")));
  await state.whenTracked();
  expect(() => state.throwBug()).toThrow("a mistake");
});

test("reportBug() takes an error of the system for a failure that stops the run", () => {
  const { state, events } = makeState();
  state.reportBug(systemError("EMFILE", "pipe2"));
  state.throwBug();
  expect(events).toEqual(["failure", "stopping"]);
  expect({ failures: state.failures, isBroken: state.isBroken }).toEqual({
    failures: [{
      kind: "system",
      errno: "EMFILE",
      reason: "EMFILE: too many open files (see ulimit -n), pipe2",
    }],
    isBroken: true,
  });
});

test("attempt() goes on to the next step when the system refuses one", async () => {
  const { state } = makeState();
  const done: string[] = [];
  await state.attempt(() => Promise.reject(systemError("EIO")));
  await state.attempt(() => done.push("next"));
  expect({ done, count: state.failures.length }).toEqual({ done: ["next"], count: 1 });
});

test("whenTracked() waits for what is brought under way meanwhile", async () => {
  const { state } = makeState();
  const done: string[] = [];
  const later = async (): Promise<void> => {
    await Promise.resolve();
    done.push("later");
  };
  state.track(Promise.resolve().then(() => state.track(later().then(later))));
  await state.whenTracked();
  expect(done).toEqual(["later", "later"]);
});

test("stop() ends everybody once, and is told before", () => {
  const { state, events } = makeState();
  let ended = 0;
  state.whenStopping(() => {
    ended += 1;
    state.emit({ type: "stderr", actor: "a", line: "bye" });
  });
  state.stop({ reason: "abort" });
  state.stop({ reason: "failure" });
  expect({ ended, events, stopping: state.stopping }).toEqual({
    ended: 1,
    events: ["stopping", "stderr"],
    stopping: { reason: "abort" },
  });
});
