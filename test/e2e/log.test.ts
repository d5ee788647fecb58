/** `--log`: what is told, in a file. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, run, runtimes } from "./rig.ts";

describe.each(runtimes)("--log on $name", (runtime) => {
  const flow = { name: "logged", actors: { a: { sh: "printf 'one\\ntwo\\n' >&2; exit 3" } } };
  const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z `;

  test("has what people are told, each line behind its time, run after run", async () => {
    const cwd = makeFolder({ "flow.json": flow });
    for (const args of [[], ["--quiet"], ["--json"]]) {
      expect((await run(runtime, ["flow.json", "--log", "run.log", ...args], { cwd })).code).toBe(1);
    }
    const lines = readFileSync(join(cwd, "run.log"), "utf8").trimEnd().split("\n");
    expect(lines.filter((line) => !new RegExp(`^${TIME}`).test(line))).toEqual([]);
    const texts = lines.map((line) => line.slice("2026-01-01T00:00:00.000Z ".length));
    const starts = texts.flatMap((text, at) => text === "logged starts" ? [at] : []);
    expect(starts).toHaveLength(3);
    for (const at of starts) {
      expect(texts.slice(at + 1, at + 3)).toEqual(["a │ one", "a │ two"]);
      expect(texts[at + 3]).toContain('Actor "a" failed: exit 3');
    }
    expect(texts.at(-1)).toMatch(/^failed in .*: 1 actor$/);
  });

  test("has events in a file of JSON, and begins anew when it is full", async () => {
    const cwd = makeFolder({
      "flow.json": { actors: { a: { sh: "seq 400 >&2" } } },
    });
    const { code, stderr } = await run(runtime, ["flow.json", "--log", "run.jsonl", "--log-size", "16KiB"], {
      cwd,
    });
    expect(code).toBe(0);
    expect(stderr).toContain("a │ 400\n");
    const events = [2, 1, 0].flatMap((number) => {
      const path = join(cwd, number === 0 ? "run.jsonl" : `run.jsonl.${number}`);
      if (!existsSync(path)) return [];
      const text = readFileSync(path, "utf8");
      expect(text.length).toBeLessThanOrEqual(16 * 1024);
      return text.trimEnd().split("\n").map((line) => JSON.parse(line) as { type: string; line?: string });
    });
    expect(existsSync(join(cwd, "run.jsonl.1"))).toBe(true);
    expect(events.flatMap(({ type, line }) => type === "stderr" ? [Number(line)] : []))
      .toEqual(Array.from({ length: 400 }, (_, at) => at + 1));
    expect(events.at(-1)?.type).toBe("run-ended");
  });

  test("that cannot be written is told, before anything is started or at the end", async () => {
    const cwd = makeFolder({ "flow.json": { actors: { a: { sh: "touch ran" } } } });
    const told = async (...args: readonly string[]): Promise<unknown> => {
      const { code, stderr } = await run(runtime, ["flow.json", ...args], { cwd });
      return { code, stderr: stderr.split("\n")[0] };
    };
    expect(await told("--log", "none/run.log")).toEqual({
      code: 2,
      stderr: expect.stringContaining('sluice: Cannot write the log to "none/run.log": ENOENT') as string,
    });
    execFileSync("mkfifo", [join(cwd, "pipe")]);
    expect(await told("--log", "pipe")).toEqual({
      code: 2,
      stderr: expect.stringContaining('Cannot write the log to "pipe": it is a named pipe') as string,
    });
    expect(await told("--log", "run.log", "--log-size", "1")).toMatchObject({ code: 2 });
    expect(await told("--log", "run.log", "--log-format", "xml")).toMatchObject({ code: 2 });
    expect(await told("--log-size", "1MiB")).toEqual({
      code: 2,
      stderr: "sluice: Cannot use --log-size: there is no log (expected --log FILE beside it)",
    });
    expect(existsSync(join(cwd, "ran"))).toBe(false);
    const full = await run(runtime, ["flow.json", "--log", "/dev/full"], { cwd });
    expect(full.code).toBe(1);
    // It is told behind the closing line.
    expect(full.stderr).toContain('Cannot write the log to "/dev/full": ENOSPC');
  });
});
