import process from "node:process";
import { expect, test } from "vitest";
import { ALL_ROOMS } from "../../../lib/flow/check/all_rooms.ts";
import { checkFlow } from "../../../lib/flow/check/check_flow.ts";
import { messagesOf } from "../messages_of.ts";

const flow = (actor: object) => ({ actors: { a: actor } });

test("checkFlow() makes a message actor of a function in Python", () => {
  const checked = checkFlow(
    flow({ handler: "my_app.model.Predictor.predict", metadata: true, timeout: "2s" }),
    {
      folder: "/f",
      rooms: ALL_ROOMS,
    },
  );
  if (!checked.ok) expect.fail(JSON.stringify(checked.issues));
  const actor = checked.flow.actors.get("a");
  expect(actor?.source).toEqual({
    kind: "run",
    argv: ["python3", expect.stringMatching(/\/actors\/asya_runtime\.py$/), "--stdio"],
    handler: "my_app.model.Predictor.predict",
  });
  expect(actor?.env).toEqual({
    SLUICE_HANDLER: "my_app.model.Predictor.predict",
    SLUICE_HANDLER_MODE: "payload",
    SLUICE_HANDLER_METADATA: "true",
    SLUICE_HANDLER_VALIDATE: "true",
  });
  expect(actor?.messaging).toMatchObject({
    handler: { checks: "strict", timeoutMs: 2000 },
    restart: { policy: "on-failure" },
  });
  expect(actor?.timeoutMs).toBeUndefined();
});

test("checkFlow() makes a message actor of a function in TypeScript, its path from the flow's folder", () => {
  const checked = checkFlow(
    flow({ handler: "lib/score.ts#Model.score", mode: "envelope", validate: "lenient" }),
    {
      folder: "/f",
      rooms: ALL_ROOMS,
    },
  );
  if (!checked.ok) expect.fail(JSON.stringify(checked.issues));
  const actor = checked.flow.actors.get("a");
  expect(actor?.source).toMatchObject({
    argv: [process.execPath, expect.stringMatching(/\/actors\/typescript\/sluice_handler\.ts$/)],
    handler: "/f/lib/score.ts#Model.score",
  });
  expect(actor?.env).toMatchObject({ SLUICE_HANDLER_MODE: "envelope", SLUICE_HANDLER_VALIDATE: "true" });
  expect(actor?.messaging?.handler).toEqual({ checks: "lenient" });
});

test.each([
  [{ handler: "predict" }, 'Cannot call "predict": it is no import path (expected module.function, '],
  [{ handler: "my app.predict" }, 'Cannot call "my app.predict": it is no import path'],
  [{ handler: "score.ts#" }, 'Cannot call "score.ts#": it is no import path'],
  [{ handler: "score.ts#a.b.c" }, 'Cannot call "score.ts#a.b.c": it is no import path'],
  [
    { handler: "a.b", protocol: "bytes" },
    'Cannot use "protocol": "bytes" on actor "a": a handler is called with',
  ],
  [{ handler: "a.b", run: ["cat"] }, 'Cannot tell what actor "a" is: it has run and handler'],
  [{ handler: "a.b", stall: "1s" }, 'Cannot use "stall" on message actor "a"'],
  [
    { run: ["cat"], mode: "payload" },
    'Cannot use "mode" on actor "a": it is no function (expected "handler" beside it)',
  ],
  [
    { run: ["cat"], protocol: "messages", validate: false },
    'Cannot use "validate" on actor "a": it is no function (expected "handler" beside it)',
  ],
  [{ handler: "a.b", timeout: "soon" }, "expected a duration"],
  [{ handler: "a.b", mode: "both" }, 'expected "payload" or "envelope"'],
  [{ handler: 7 }, "expected a function by its import path"],
])("checkFlow() reports %j", (actor, message) => {
  expect(messagesOf(flow(actor))).toEqual([expect.stringContaining(message)]);
});
