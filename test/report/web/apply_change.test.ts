import { expect, test } from "vitest";
import { applyChange } from "../../../lib/report/web/apply_change.ts";
import type { PageActor } from "../../../lib/report/web/page_actor.ts";
import type { PageRun } from "../../../lib/report/web/page_run.ts";
import { pageActor, pageRun } from "./page_runs.ts";

const actor = (name: string): PageActor => pageActor(name, { state: "waiting" });
const RUN: PageRun = pageRun({ actors: [actor("a"), actor("b")] });

test("applyChange() changes the fields that are told, and keeps the objects of what is as it was", () => {
  const waiting = { does: "read", since: 3 } as const;
  const after = applyChange(RUN, { run: { at: 5 }, actors: [{ name: "b", state: "running", waiting }] });
  expect(after).toEqual({
    ...RUN,
    run: { ...RUN.run, at: 5 },
    actors: [actor("a"), { ...actor("b"), state: "running", waiting }],
  });
  expect(after.actors[0]).toBe(RUN.actors[0]);
  expect(after.edges).toBe(RUN.edges);
  expect(applyChange(after, { actors: [{ name: "b", state: "waiting", waiting: null }] })).toEqual({
    ...RUN,
    run: { ...RUN.run, at: 5 },
  });
});

test("applyChange() adds what is new, and lines to an actor that has come with them", () => {
  const { stderr: _, ...told } = actor("c");
  const after = applyChange(RUN, { actors: [told], stderr: [{ actor: "c", lines: ["one"] }] });
  expect(after.actors).toEqual([...RUN.actors, { ...actor("c"), stderr: ["one"] }]);
});

test("applyChange() keeps the newest 200 lines of an actor, and 1,000 messages", () => {
  const lines = Array.from({ length: 150 }, (_, at) => String(at));
  const twice = [1, 2].reduce((run) => applyChange(run, { stderr: [{ actor: "a", lines }] }), RUN);
  expect(twice.actors[0]?.stderr).toEqual([...lines.slice(100), ...lines]);
  const messages = Array.from({ length: 1_200 }, (_, number) => ({
    number,
    at: 1,
    step: "sent" as const,
    id: "m",
    type: "T",
    sender: "a",
    receiver: "b",
    bytes: 1,
  }));
  expect(applyChange(RUN, { messages }).messages).toEqual(messages.slice(200));
});
