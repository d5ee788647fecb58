import { expect, test } from "vitest";
import { explainRun } from "../../../lib/report/web/explain_run.ts";
import { weighActors } from "../../../lib/report/web/weigh_actors.ts";
import { pageActor, pageRun, pieces, START } from "./page_runs.ts";

const CHAIN = ["source", "first", "slow", "last"].map((name) => pageActor(name));
const HELD_UP = pieces("source writes first 1-", "first writes slow 0-9", "last reads slow 0-");

// source ══▶ first ══▶ slow ──▶ last
test("explainRun() names the actor that works while others wait for it", () => {
  const run = pageRun({ actors: CHAIN, pieces: HELD_UP });
  expect(explainRun(run)).toMatchObject({
    mood: "slow",
    actors: ["slow"],
    text:
      "slow sets the pace: it works 100 % of the time while its input is full and what reads it has to wait.",
  });
  expect(weighActors(run)).toEqual([
    { name: "slow", busy: 1, fullMs: 9_000, emptyMs: 10_000, cpu: undefined, score: 19_000 },
    // It is waited for, but waits itself.
    { name: "first", busy: expect.closeTo(0.1), fullMs: 9_000, emptyMs: 0, score: expect.closeTo(900) },
  ].map(({ cpu: _, ...weight }) => weight));
});

test.each([
  [9_500, " It uses 95 % of a processor: workers may help."],
  [
    1_000,
    " It uses only 10 % of a processor: something outside the flow holds it up (a disk, a network, other programs).",
  ],
])(
  "explainRun() says what is to be done about an actor that used the processor for %i ms",
  (cpuMs, advice) => {
    const actors = CHAIN.map((actor) => actor.name === "slow" ? { ...actor, cpuMs } : actor);
    expect(explainRun(pageRun({ actors, pieces: HELD_UP })).text).toMatch(
      new RegExp(`wait\\.${escape(advice)}$`),
    );
  },
);

function escape(text: string): string {
  return text.replace(/[().]/g, "\\$&");
}

test("explainRun() looks at the last ten seconds of a run that goes on, and at all of one that has ended", () => {
  const at = START + 60_000;
  const run = pageRun().run;
  const early = { actors: CHAIN, pieces: pieces("first writes slow 0-40") };
  expect(explainRun(pageRun({ ...early, run: { ...run, at } })).mood).toBe("fine");
  const ended = { ...run, state: "done", at, endedAt: at } as const;
  expect(explainRun(pageRun({ ...early, run: ended })).text).toBe(
    "slow set the pace: it worked 100 % of the time while its input was full.",
  );
});

test("explainRun() names what is no process: a file that is read, and who reads standard output", () => {
  const file = pageActor("in", { kind: "file", command: "big.txt", state: "done" });
  const { startedAt: _, ...source } = file;
  expect(explainRun(pageRun({ actors: [source, ...CHAIN], pieces: pieces("first reads in 0-") })).text).toBe(
    "in (big.txt) sets the pace: what reads it has to wait.",
  );
  expect(explainRun(pageRun({ actors: CHAIN, pieces: pieces("last writes - 0-") })).text).toBe(
    "Who reads standard output is slow: its input is full.",
  );
});

test("explainRun() tells a deadlock, a failure, a full mailbox, and that nothing is wrong", () => {
  const ring = { id: 1, kind: "deadlock", at: START, steps: [], actors: ["a", "b"] } as const;
  expect(explainRun(pageRun({ rings: [ring] })).text).toBe("Deadlock: a waits for b, b waits for a.");
  const failure = { at: START, kind: "exit", actor: "a", text: 'Actor "a" failed\n  more' };
  expect(explainRun(pageRun({ failures: [failure] }))).toMatchObject({
    mood: "bad",
    actors: ["a"],
    text: 'A failure: Actor "a" failed',
  });
  const messages = { messagesIn: 9, messagesOut: 9, queued: 100, size: 100, handleP50Ms: 12 };
  expect(explainRun(pageRun({ actors: [pageActor("bank", { messages })] })).text).toBe(
    "bank sets the pace: its mailbox is full (100 messages wait), one takes it 12 ms.",
  );
  expect(explainRun(pageRun({ actors: CHAIN }))).toMatchObject({ mood: "fine", actors: [] });
});
