/** `--save-state` and `--load-state`: going on from what an earlier run has built. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mee, query } from "./capture_rig.ts";
import { type Ended, makeFolder, run, type Runtime, runtimes } from "./rig.ts";

/** Each actor notes in `ran` that it was run. */
function noting(name: string, script: string): string {
  return `echo ${name} >> "$SLUICE_PARAM_RAN"; ${script}`;
}

const flow = {
  params: { ran: { default: "ran" }, suffix: { default: "!" } },
  actors: {
    keys: { stdin: true },
    words: { file: "words.txt" },
    split: {
      sh: noting("split", "cat; echo audit >&4; echo quiet >&2"),
      in: ["keys", "words"],
      outputs: { audit: 4 },
    },
    marked: { sh: noting("marked", 'sed "s/$/$SLUICE_PARAM_SUFFIX/"'), in: "split" },
    audited: { sh: noting("audited", "cat"), in: ["split.audit", "split.stderr"] },
    last: { sh: noting("last", "cat"), in: ["marked", "audited"] },
  },
  out: "last",
};

interface Place {
  readonly folder: string;
  readonly db: string;
  readonly go: (args: readonly string[], stdin?: string) => Promise<Ended>;
  /** The actors that have been run since it was last asked. */
  readonly ran: () => readonly string[];
}

function place(runtime: Runtime): Place {
  const folder = makeFolder({ "flow.json": flow, "words.txt": "pear\n" });
  const [db, ran] = [join(folder, "state.db"), join(folder, "ran")];
  return {
    folder,
    db,
    go: (args, stdin = "") => {
      writeFileSync(ran, "");
      return run(runtime, [join(folder, "flow.json"), "--set", `ran=${ran}`, ...args], { stdin });
    },
    ran: () => readFileSync(ran, "utf8").split("\n").filter((name) => name !== "").sort(),
  };
}

const ALL = "apple!\npear!\naudit\nquiet\n";

describe.each(runtimes)("on $name", (runtime) => {
  it("a run that was done is not run again, and prints the same", async () => {
    const { go, ran, db } = place(runtime);
    expect((await go(["--save-state", db], "apple\n")).stdout).toBe(ALL);
    expect(ran()).toEqual(["audited", "last", "marked", "split"]);
    const again = await go(["--load-state", db]);
    expect(again).toEqual({ code: 0, signal: null, stdout: ALL, stderr: "" });
    expect(ran()).toEqual([]);
  });

  it("one step after the other, from one state to the next", async () => {
    const { go, ran, db } = place(runtime);
    const steps: (readonly string[])[] = [];
    let { stdout } = await go(["--one-step", "--save-state", db], "apple\n");
    expect(stdout).toBe("apple\npear\n");
    expect(ran()).toEqual(["split"]);
    for (let step = 0; step < 4; step++) {
      ({ stdout } = await go(["--one-step", "--load-state", db, "--save-state", db]));
      steps.push(ran());
    }
    expect(steps).toEqual([["marked"], ["audited"], ["last"], []]);
    expect(stdout).toBe(ALL);
    expect(await query(runtime, db, "SELECT key, value FROM Dict WHERE key IN ('marked', 'last')")).toEqual([
      ["marked", "apple!\npear!\n"],
      ["last", ALL],
    ]);
  });

  it("stops before an actor, and goes on with it", async () => {
    const folder = makeFolder({ "flow.json": mee });
    const [file, db] = [join(folder, "flow.json"), join(folder, "state.db")];
    expect((await run(runtime, [file, "--stop-before", "baz", "--save-state", db], { stdin: "x\n" })).stdout)
      .toBe("(mee too)x\n");
    const { stdout } = await run(runtime, [file, "--load-state", db, "--db", db]);
    expect(stdout).toBe("(mee too)x\n");
    const started = "SELECT actor FROM events WHERE run = 2 AND type = 'actor-started'";
    expect(await query(runtime, db, started)).toEqual([["baz"]]);
    const sql = "SELECT name, size, is_complete FROM streams WHERE run = 2 ORDER BY id";
    expect(await query(runtime, db, sql)).toEqual([
      ["note", 9, 1],
      ["keys", 2, 1],
      ["foo", 2, 1],
      ["bar", 11, 1],
      ["baz", 11, 1],
    ]);
  });

  it("what has changed is run again, and all that reads of it", async () => {
    const { go, ran, db } = place(runtime);
    await go(["--save-state", db], "apple\n");
    const { stdout } = await go(["--load-state", db, "--set", "suffix=?"]);
    expect(stdout).toBe("apple?\npear?\naudit\nquiet\n");
    // A parameter is in the environment of every actor.
    expect(ran()).toEqual(["audited", "last", "marked", "split"]);
  });

  it("what failed is run again, with what came before it as it was", async () => {
    const folder = makeFolder();
    const [file, db, ran] = [join(folder, "flow.json"), join(folder, "state.db"), join(folder, "ran")];
    const write = (code: number): void =>
      writeFileSync(
        file,
        JSON.stringify({
          actors: {
            a: { sh: `echo a >> ${ran}; seq 100000` },
            b: { sh: `echo b >> ${ran}; cat`, in: "a" },
            c: { sh: `echo c >> ${ran}; tail -1; exit ${code}`, in: "b" },
          },
        }),
      );
    write(3);
    expect((await run(runtime, [file, "--db", db])).code).toBe(1);
    write(0);
    writeFileSync(ran, "");
    const { code, stdout } = await run(runtime, [file, "--load-state", db]);
    expect({ code, stdout, ran: readFileSync(ran, "utf8") }).toEqual({
      code: 0,
      stdout: "100000\n",
      ran: "c\n",
    });
  });

  it("a writer that was left early is no state to go on from", async () => {
    const folder = makeFolder({
      "flow.json": { actors: { y: { run: ["yes"] }, h: { run: ["head", "-1"], in: "y" } } },
    });
    const [file, db] = [join(folder, "flow.json"), join(folder, "state.db")];
    await run(runtime, [file, "--save-state", db]);
    const { code, stdout } = await run(runtime, [file, "--load-state", db, "--db", db]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "y\n" });
    const started = "SELECT actor FROM events WHERE run = 2 AND type = 'actor-started' ORDER BY actor";
    expect(await query(runtime, db, started)).toEqual([["h"], ["y"]]);
  });

  it.each([
    [["--load-state", "nowhere.db"], "there is no such file"],
    [["--load-state", "flow.json"], "it is no SQLite database"],
    [["--db", "a.db", "--save-state", "b.db"], 'Cannot capture into "a.db" and "b.db"'],
  ])("%j is bad usage", async (args, reason) => {
    const folder = makeFolder({ "flow.json": mee });
    const { code, stdout, stderr } = await run(runtime, ["flow.json", ...args], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(reason);
  });
});
