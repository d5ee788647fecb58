/** Flows that are used with `retry`: all of their actors are run again, from their inputs, when one has failed. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../lib/core/event.ts";
import type { RunResult } from "../../lib/core/result.ts";
import { makeFolder, run, runtimes, start, until } from "./rig.ts";

const LINES = 100_000;
/** A line in `tries` each time; fails until it was run so often. */
const failing = (times: number): string => `echo try >> tries; [ "$(wc -l < tries)" -ge ${times} ]`;
const read = (path: string): string => existsSync(path) ? readFileSync(path, "utf8") : "";
const soon = (text: string): string => text.replaceAll(/in \d+ ms/g, "soon");

/** Two actors that share an input and write a port each; the second fails at its end. */
const part = (times: number): object => ({
  actors: {
    text: { stdin: true },
    more: { input: "more" },
    words: { run: ["cat", "-", "{in.more}"], in: { stdin: "text", more: "more" } },
    sorted: { sh: `cat; ${failing(times)}`, in: "words" },
    count: { run: ["wc", "-l"], in: "words" },
  },
  ports: { count: "count", words: "words" },
  out: { "-": "sorted", "inside.txt": "count" },
});
const whole = (retry: unknown = { max: 3, backoff: "10ms" }): object => ({
  actors: {
    raw: { sh: `echo once >> raws; seq ${LINES}` },
    note: { value: "note\n" },
    part: { use: "part.json", in: { stdin: "raw", more: "note" }, retry },
    end: {
      sh: 'tail -n 2; cat "$SLUICE_IN_COUNT"; wc -l < "$SLUICE_IN_WORDS"',
      in: { stdin: "part", count: "part.count", words: "part.words" },
    },
  },
});

describe.each(runtimes)("a used flow with retry on $name", (runtime) => {
  it("is run again with all of its inputs, and what it writes comes once", async () => {
    const folder = makeFolder({ "flow.json": whole(), "part.json": part(3) });
    const events = join(folder, "events");
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json"), "--events", events]);
    expect({ code, stdout, stderr: soon(stderr) }).toEqual({
      code: 0,
      stdout: `${LINES}\nnote\n${LINES + 1}\n${LINES + 1}\n`,
      stderr: [2, 3].map((at) => `Actor "part/sorted" failed: exit 1; try ${at} of 4 of all of "part" soon\n`)
        .join(""),
    });
    expect(read(join(folder, "tries"))).toBe("try\n".repeat(3));
    expect(read(join(folder, "raws"))).toBe("once\n");
    expect(read(join(folder, "inside.txt"))).toBe(`${LINES + 1}\n`);
    // The engine wrote them.
    const told = read(events).trim().split("\n").map((line) => JSON.parse(line) as RunEvent);
    expect(told.filter(({ type }) => type === "unit-retried")).toMatchObject([
      { actor: "part", attempt: 1, attemptsMax: 4, failure: { kind: "exit", actor: "part/sorted" } },
      { actor: "part", attempt: 2, attemptsMax: 4, failure: { kind: "exit", actor: "part/sorted" } },
    ]);
    const started = told.flatMap((event) => event.type === "actor-started" ? event.actor : []);
    expect(started.sort()).toEqual([
      "end",
      ...["count", "sorted", "words"].flatMap((name) => [1, 2, 3].map(() => `part/${name}`)),
      "raw",
    ]);
  });

  it("gives nothing on when no try goes well, and the failure names the last one", async () => {
    const flow = { ...whole(1), onFailure: "continue" };
    const folder = makeFolder({ "flow.json": flow, "part.json": part(9) });
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json"), "--json", "--quiet"]);
    expect({ code, stdout, tries: read(join(folder, "tries")) }).toEqual({
      code: 1,
      stdout: "0\n",
      tries: "try\ntry\n",
    });
    expect(existsSync(join(folder, "inside.txt"))).toBe(false);
    // The last line is the result.
    const result = JSON.parse(stderr.trim().split("\n").at(-1) ?? "") as RunResult;
    expect(result.failures).toMatchObject([
      { actor: "part/sorted", whole: { actor: "part", attempt: 2, attemptsMax: 2 } },
    ]);
    expect(result.actors["part/sorted"]).toMatchObject({ state: "failed", attempts: 2 });
    const stopped = await run(runtime, [
      join(makeFolder({ "flow.json": whole(1), "part.json": part(9) }), "flow.json"),
    ]);
    expect({ code: stopped.code, stdout: stopped.stdout }).toEqual({ code: 1, stdout: "" });
    expect(stopped.stderr).toContain(
      'Actor "part/sorted" failed: exit 1 (try 2 of 2 of all of "part")\n',
    );
  });

  it("ends the others when one has failed, however long they would go on, and whoever reads little", async () => {
    const inner = {
      actors: {
        text: { stdin: true },
        some: { run: ["head", "-n", "2"], in: "text" },
        endless: { run: ["yes"] },
        few: { run: ["head", "-n", "1"], in: "endless" },
        sleeper: { sh: 'cat > after; [ "$(wc -l < tries)" -ge 2 ] || exec sleep 600', in: "fails" },
        fails: { sh: failing(2), in: ["some", "few"] },
        all: { run: ["cat"], in: ["some", "few", "sleeper"] },
      },
      out: "all",
    };
    const flow = {
      actors: {
        src: { run: ["seq", `${LINES}`] },
        it: { use: "part.json", in: "src", retry: { max: 1, backoff: "0ms" } },
      },
    };
    const folder = makeFolder({ "flow.json": flow, "part.json": inner, "tries": "" });
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, stdout, stderr: soon(stderr) }).toMatchObject({ code: 0, stdout: "1\n2\ny\n" });
  });

  it("is tried for each member by itself, one process at a time and lazily as well", async () => {
    const inner = {
      params: { name: {} },
      actors: {
        text: { stdin: true },
        first: { sh: "cat; echo first", in: "text" },
        second: {
          sh: 'cat "$SLUICE_IN_WHOLE"; echo $SLUICE_PARAM_NAME >> tries; ' +
            '[ $SLUICE_PARAM_NAME = a ] || [ "$(grep -c $SLUICE_PARAM_NAME tries)" -ge 2 ]',
          in: { whole: { from: "first", as: "file" } },
        },
      },
    };
    const flow = {
      sets: { name: { values: ["a", "b", "c"] } },
      actors: {
        src: { value: "src\n" },
        it: { each: "name", use: "part.json", in: "src", with: { name: "{name}" }, retry: 2 },
        end: { run: ["cat"], in: "it" },
      },
    };
    for (const options of [[], ["-j", "1"], ["--start", "lazy"], ["--start", "lazy", "-j", "2"]]) {
      const folder = makeFolder({ "flow.json": flow, "part.json": inner });
      const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json"), ...options]);
      expect({ options, code, stdout }).toEqual({
        options,
        code: 0,
        stdout: "src\nfirst\n".repeat(3),
      });
      expect(stderr.split("\n").map((line) => /all of "(.*?)"/.exec(line)?.[1]).sort()).toEqual(
        ["it[b]", "it[c]", undefined],
      );
      expect(read(join(folder, "tries")).split("\n").sort().join(" ")).toBe(" a b b c c");
    }
  });

  it("is tried again for a timeout, and inside of it actors have tries of their own", async () => {
    const inner = {
      actors: {
        slow: { sh: `echo slow; ${failing(2)} || exec sleep 600`, timeout: "1s" },
        own: {
          sh: 'echo own; echo own >> own; [ "$(wc -l < own)" -ge 2 ]',
          retry: { max: 3, backoff: "1ms" },
        },
        both: { run: ["cat"], in: ["slow", "own"] },
      },
    };
    const flow = { grace: "0ms", actors: { it: { use: "part.json", retry: 1 } } };
    const folder = makeFolder({ "flow.json": flow, "part.json": inner });
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "slow\nown\n" });
    expect(stderr).toMatch(/Actor "it\/slow" has run for 1 s, its timeout; try 2 of 2 of all of "it" in/);
  });

  it("is captured as it went well, and inspected", async () => {
    const folder = makeFolder({ "flow.json": whole(), "part.json": part(2) });
    const db = join(folder, "run.db");
    const { code } = await run(runtime, [join(folder, "flow.json"), "--db", db]);
    const [count, tree] = await Promise.all([
      run(runtime, ["inspect", db, "part/count"]),
      run(runtime, ["inspect", db, "--run", "1"]),
    ]);
    expect({ code, count: count.stdout }).toEqual({ code: 0, count: `${LINES + 1}\n` });
    expect(tree.stdout).toContain("part/sorted [✓ built, try 2, ");
    expect(tree.stdout).toContain("raw [✓ built, 5");
  });

  it("leaves nothing when it is ended between two tries", async () => {
    const flow = whole({ max: 3, backoff: "10m" });
    const folder = makeFolder({ "flow.json": flow, "part.json": part(9) });
    const { child, ended, stderr } = start(runtime, [join(folder, "flow.json")]);
    await until(() => stderr().includes("try 2 of 4"), stderr);
    child.kill("SIGTERM");
    expect({ ...await ended, stderr: "" }).toMatchObject({ code: 143, stdout: "" });
    expect(readdirSync(folder).sort()).toEqual(["flow.json", "part.json", "raws", "tries"]);
  });
});
