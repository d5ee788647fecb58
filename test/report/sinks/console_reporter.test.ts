import { expect, test } from "vitest";
import type { RunEventBody } from "../../../lib/core/event.ts";
import { LiveView } from "../../../lib/report/sinks/live_view.ts";
import { ConsoleReporter, type ReporterOptions } from "../../../lib/report/sinks/console_reporter.ts";

function onTerminal(size = terminal): Pick<ReporterOptions, "isTerminal" | "live"> {
  return { isTerminal: true, live: new LiveView({ size, isExpanded: false }) };
}

function reporting(options: Partial<ReporterOptions>, ...events: readonly RunEventBody[]): string {
  let text = "";
  const reporter = new ConsoleReporter({
    color: false,
    isQuiet: false,
    isTerminal: false,
    write: (more) => text += more,
    ...options,
  });
  for (const [index, event] of events.entries()) reporter.report({ at: 1000 * index, ...event });
  return text;
}

const started: RunEventBody = { type: "run-started", run: "r", flow: "f", actors: ["a", "longer"] };
const ended: RunEventBody = { type: "run-ended", run: "r", state: "done", exitCode: 0, durationMs: 1234 };
const terminal = () => ({ columns: 60, rows: 24 });

test("report() puts the actor's name before its lines, aligned", () => {
  const said = reporting({}, started, { type: "stderr", actor: "a", line: "x\x1b[2Jy" }, {
    type: "stderr",
    actor: "longer",
    line: "z",
  }, ended);
  expect(said).toBe(`a      │ x\x1b[2Jy\nlonger │ z\n${CLOSING}`);
});

test("report() protects a terminal from what actors write", () => {
  expect(reporting({ ...onTerminal() }, started, { type: "stderr", actor: "a", line: "x\x1b[2Jy" })).toBe(
    "a      │ x^[[2Jy\n",
  );
});

const CLOSING = "done in 1.2 s: 0 actors\n";
/** What erases so many lines above. */
const erase = (lines: number): string => `\r\x1b[2K${"\x1b[1A\r\x1b[2K".repeat(lines)}`;
/** What switches off that lines go on in the next one. */
const cut = (text: string): string => `\x1b[?7l${text}\x1b[?7h`;

test("report() draws progress in place, with what is done and how fast, and erases it at the end", () => {
  const progress = (bytesOut: number, cpuMs: number): RunEventBody => ({
    type: "progress",
    actors: { a: { state: "running", bytesOut, cpuMs }, longer: { state: "waiting" } },
  });
  expect(reporting({ ...onTerminal() }, started, progress(0, 0), progress(2048, 500), ended)).toBe(
    cut("0:01, 0 of 2 ended, 1 running\n⚡ a      0 B out\n⋯ longer\n") +
      erase(3) +
      cut("0:02, 0 of 2 ended, 1 running\n⚡ a      2 KiB out, 2 KiB/s, 50 % cpu\n⋯ longer\n") +
      `${erase(3)}${CLOSING}`,
  );
});

test("report() cuts progress to the terminal, and shows who runs", () => {
  const actors = Object.fromEntries(
    Array.from(
      { length: 60 },
      (_, at) => [`actor${at}`, { state: at === 50 ? "running" : "done", bytesIn: 5 }] as const,
    ),
  );
  const size = { columns: 20, rows: 8 };
  const lines = reporting({ ...onTerminal(() => size) }, started, { type: "progress", actors }).split("\n");
  expect(lines).toHaveLength(size.rows);
  expect(lines[1]).toContain("⚡ actor50");
  expect(lines.at(-2)).toBe("… and 55 more");
  expect(Math.max(...lines.map((line) => line.replace("\x1b[?7l", "").length))).toBeLessThan(size.columns);
});

test("report() erases what has become more lines in a narrower window, and never more than there are", () => {
  let size = { columns: 60, rows: 24 };
  const written: string[] = [];
  const reporter = new ConsoleReporter({
    color: false,
    isQuiet: false,
    ...onTerminal(() => size),
    write: (text) => void written.push(text),
  });
  reporter.report({ at: 0, type: "progress", actors: { a: { state: "running", bytesIn: 12_345 } } });
  size = { columns: 10, rows: 24 };
  reporter.reportStderr("a", "x");
  reporter.report({ at: 0, type: "progress", actors: { a: { state: "running" } } });
  size = { columns: 10, rows: 3 };
  reporter.reportStderr("a", "x");
  // 29 and 17 characters in lines of ten.
  expect(written[1]?.startsWith(erase(5))).toBe(true);
  expect(written.at(-1)?.startsWith(erase(2))).toBe(true);
});

test("reportOpenLine() puts what an actor has begun to say beside it, harmless, until it has ended", () => {
  const written: string[] = [];
  const reporter = new ConsoleReporter({
    color: false,
    isQuiet: false,
    ...onTerminal(),
    write: (text) => void written.push(text),
  });
  const progress = { type: "progress", at: 0, actors: { a: { state: "running" } } } as const;
  reporter.reportOpenLine("a", "45 %\x1b[2J");
  reporter.report(progress);
  reporter.reportOpenLine("a", "");
  reporter.report(progress);
  expect(written[0]).toContain("⚡ a │ 45 %^[[2J\n");
  expect(written[1]).toContain("⚡ a\n");
});

test("reportOpenLine() says a prompt where nothing is drawn, and what comes then is a line of its own", () => {
  let text = "";
  const reporter = new ConsoleReporter({
    color: false,
    isQuiet: true,
    isTerminal: true,
    write: (more) => text += more,
  });
  reporter.reportOpenLine("a", "Name? ");
  reporter.reportOpenLine("a", "");
  reporter.reportStderr("a", "Name? x");
  expect(text).toBe("a │ Name? \na │ Name? x\n");
});

test("writeOutput() keeps progress away from a line that is not finished", () => {
  let text = "";
  const write = (more: string): void => void (text += more);
  const reporter = new ConsoleReporter({ color: false, isQuiet: false, ...onTerminal(), write });
  const output = (said: string): void =>
    reporter.writeOutput(new TextEncoder().encode(said), (bytes) => write(new TextDecoder().decode(bytes)));
  const progress = { type: "progress", at: 0, actors: { a: { state: "running" } } } as const;
  reporter.report(progress);
  output("half");
  reporter.report(progress);
  output(" whole\n");
  reporter.report(progress);
  const drawn = cut("0:00, 0 of 1 ended, 1 running\n⚡ a\n");
  expect(text).toBe(`${drawn}${erase(2)}half whole\n${drawn}`);
});

test("report() says in a pipe what the run was, in a line, and nothing when it is to be quiet", () => {
  const progress: RunEventBody = { type: "progress", actors: { a: { state: "running" } } };
  expect(reporting({}, started, progress, ended)).toBe(CLOSING);
  expect(reporting({ isQuiet: true }, started, progress, ended)).toBe("");
});
