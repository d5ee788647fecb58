import { expect, test } from "vitest";
import type { RunEventBody } from "../../../lib/core/event.ts";
import { ConsoleReporter, type ReporterOptions } from "../../../lib/report/sinks/console_reporter.ts";

function reporting(options: Partial<ReporterOptions>, ...events: readonly RunEventBody[]): string {
  let text = "";
  const reporter = new ConsoleReporter({
    color: false,
    isQuiet: false,
    write: (more) => text += more,
    ...options,
  });
  for (const [index, event] of events.entries()) reporter.report({ at: 1000 * index, ...event });
  return text;
}

const started: RunEventBody = { type: "run-started", run: "r", flow: "f", actors: ["a", "longer"] };
const ended: RunEventBody = { type: "run-ended", run: "r", state: "done", exitCode: 0, durationMs: 1234 };
const terminal = { columns: 40, rows: 24 };

test("report() puts the actor's name before its lines, aligned", () => {
  const said = reporting({}, started, { type: "stderr", actor: "a", line: "x\x1b[2Jy" }, {
    type: "stderr",
    actor: "longer",
    line: "z",
  }, ended);
  expect(said).toBe("a      │ x\x1b[2Jy\nlonger │ z\n");
});

test("report() protects a terminal from what actors write", () => {
  expect(reporting({ terminal }, started, { type: "stderr", actor: "a", line: "x\x1b[2Jy" })).toBe(
    "a      │ x^[[2Jy\n",
  );
});

test("report() draws progress in place, with the rate, and erases it at the end", () => {
  const progress = (bytesOut: number): RunEventBody => ({
    type: "progress",
    actors: { a: { state: "running", bytesOut }, longer: { state: "waiting" } },
  });
  expect(reporting({ terminal }, started, progress(0), progress(2048), ended)).toBe(
    "⚡ a      0 B out\n⋯ longer \n" +
      "\x1b[2A\x1b[0J⚡ a      2 KiB out, 2 KiB/s\n⋯ longer \n" +
      "\x1b[2A\x1b[0Jdone in 1.2 s\n",
  );
});

test("report() cuts progress to the terminal", () => {
  const actors = Object.fromEntries(
    Array.from({ length: 50 }, (_, at) => [`actor${at}`, { state: "running", bytesIn: 5 }] as const),
  );
  const lines = reporting({ terminal: { columns: 20, rows: 6 } }, started, { type: "progress", actors })
    .trim().split("\n");
  expect(lines).toHaveLength(4);
  expect(lines.at(-1)).toBe("… and 47 more");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(20);
});

test("writeOutput() keeps progress away from a line that is not finished", () => {
  let text = "";
  const write = (more: string): void => void (text += more);
  const reporter = new ConsoleReporter({ color: false, isQuiet: false, terminal, write });
  const output = (said: string): void =>
    reporter.writeOutput(new TextEncoder().encode(said), (bytes) => write(new TextDecoder().decode(bytes)));
  const progress = { type: "progress", at: 0, actors: { a: { state: "running" } } } as const;
  reporter.report(progress);
  output("half");
  reporter.report(progress);
  output(" whole\n");
  reporter.report(progress);
  expect(text).toBe("⚡ a \n\x1b[1A\x1b[0Jhalf whole\n⚡ a \n");
});

test("report() is quiet in a pipe when all goes well", () => {
  expect(reporting({}, started, { type: "progress", actors: { a: { state: "running" } } }, ended)).toBe("");
});
