/** `--resume`: what a failed or killed run has completed is not run again. */
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ask, query, untilIt } from "./capture_rig.ts";
import { type Ended, makeFolder, run, type Runtime, runtimes, start, until } from "./rig.ts";

function noting(name: string, script: string): string {
  return `echo ${name} >> ran; ${script}`;
}

const flow = {
  actors: {
    words: { file: "words.txt" },
    keys: { stdin: true },
    sorted: { sh: noting("sorted", "sort"), in: ["words", "keys"] },
    counted: { sh: noting("counted", "wc -l"), in: "sorted" },
    // Fails when it has read everything, so that those before it are complete.
    checked: { sh: noting("checked", "cat; [ -e ok ]"), in: ["sorted", "counted"] },
    last: { sh: noting("last", "cat"), in: "checked" },
  },
  out: { "report.txt": "last" },
};
const REPORT = "apple\npear\n2\n";

interface Place {
  readonly folder: string;
  readonly db: string;
  readonly go: (args?: readonly string[], stdin?: string) => Promise<Ended>;
  readonly ran: () => readonly string[];
  readonly report: () => string;
}

function place(runtime: Runtime): Place {
  const folder = makeFolder({ "flow.json": flow, "words.txt": "pear\n" });
  const [db, ran] = [join(folder, "run.db"), join(folder, "ran")];
  return {
    folder,
    db,
    go: (args = [], stdin = "") => run(runtime, [join(folder, "flow.json"), "--db", db, ...args], { stdin }),
    ran() {
      const names = existsSync(ran) ? readFileSync(ran, "utf8").trim().split("\n").sort() : [];
      rmSync(ran, { force: true });
      return names;
    },
    report: () => readFileSync(join(folder, "report.txt"), "utf8"),
  };
}

describe.each(runtimes)("on $name", (runtime) => {
  it("a database in which nothing is yet is begun", async () => {
    const { db, folder, go, report } = place(runtime);
    writeFileSync(db, ""); // Its engine was killed when it had just made the file.
    writeFileSync(join(folder, "ok"), "");
    expect(await go(["--resume"], "apple\n")).toMatchObject({ code: 0, stderr: "" });
    expect(report()).toBe(REPORT);
  });

  it("a failed run is gone on with, as often as needed, and each run is whole in the database", async () => {
    const { folder, db, go, ran, report } = place(runtime);
    /** What the tree says; who was just about to end when the flow was stopped is not. */
    const built = async (): Promise<readonly string[]> => {
      const tree = await run(runtime, ["tree", join(folder, "flow.json"), "--db", db]);
      return [...tree.stdout.matchAll(/(\w+) \[✓ built\]/g)].map(([, name = ""]) => name);
    };
    expect(await go(["--resume"], "apple\n")).toMatchObject({ code: 1 }); // There is nothing to go on from yet.
    expect(ran()).toEqual(["checked", "counted", "last", "sorted"]);
    const first = await built();
    expect(first).not.toContain("checked");
    expect(await go(["--resume"], "apple\n")).toMatchObject({ code: 1 });
    expect(ran()).toEqual(["checked", "counted", "last", "sorted"].filter((name) => !first.includes(name)));
    expect(existsSync(join(folder, "report.txt"))).toBe(false);
    const second = await built();
    expect(second).toEqual(expect.arrayContaining([...first]));
    writeFileSync(join(folder, "ok"), "");
    expect(await go(["--resume"], "apple\n")).toMatchObject({ code: 0 });
    expect(ran()).toEqual(["checked", "counted", "last", "sorted"].filter((name) => !second.includes(name)));
    expect(report()).toBe(REPORT);
    expect(await query(runtime, db, "SELECT key, value FROM Dict")).toEqual([
      ["words", "pear\n"],
      ["keys", "apple\n"],
      ["sorted", "apple\npear\n"],
      ["counted", "2\n"],
      ["checked", REPORT],
      ["last", REPORT],
    ]);
    // The bytes are there once for each time that it was run.
    const [[chunks] = []] = await query(
      runtime,
      db,
      "SELECT count(*) FROM chunks JOIN streams ON streams.id = chunks.stream WHERE name = 'sorted'",
    );
    expect(chunks).toBe(1 + [first, second].filter((names) => !names.includes("sorted")).length);
  });

  it("a file or a program that has changed since is read and run again", async () => {
    const { folder, go, ran, report } = place(runtime);
    await go([], "apple\n");
    ran();
    writeFileSync(join(folder, "ok"), "");
    writeFileSync(join(folder, "words.txt"), "plum\n");
    expect(await go(["--resume"], "apple\n")).toMatchObject({ code: 0 });
    expect(ran()).toEqual(["checked", "counted", "last", "sorted"]);
    expect(report()).toBe("apple\nplum\n2\n");
    // A run that is over has read its standard input; all else of it is known.
    expect(await go(["--resume"], "fig\n")).toMatchObject({ code: 0 });
    expect(report()).toBe("fig\nplum\n2\n");
    ran();
    utimesSync(join(folder, "words.txt"), 1, 1);
    await go(["--resume"], "fig\n");
    expect(ran()).toContain("sorted");
  });

  it("a killed run is gone on with", async () => {
    const { folder, db, go, ran, report } = place(runtime);
    const slow = { ...flow.actors.checked, sh: noting("checked", "[ -e ok ] || sleep 60; cat") };
    writeFileSync(
      join(folder, "flow.json"),
      JSON.stringify({ ...flow, actors: { ...flow.actors, checked: slow } }),
    );
    const events = join(folder, "events");
    const started = start(runtime, [join(folder, "flow.json"), "--db", db, "--events", events], {
      stdin: "apple\n",
    });
    const has = (text: string): boolean => existsSync(events) && readFileSync(events, "utf8").includes(text);
    await until(() => has('"actor-ended","actor":"counted"') && has('"actor-ended","actor":"sorted"'));
    // What has happened is lasting soon after. The engine holds the lock, so a copy is looked at.
    const copies = makeFolder();
    const sql = "SELECT name FROM actors WHERE kind = 'sh' AND state = 'done' ORDER BY name";
    await untilIt(async () => {
      for (const name of readdirSync(folder).filter((each) => each.startsWith("run.db"))) {
        copyFileSync(join(folder, name), join(copies, name));
      }
      return (await ask(runtime, { db: join(copies, "run.db"), sql }))?.length === 2;
    });
    started.child.kill("SIGKILL");
    await started.ended;
    expect((await query(runtime, db, sql)).flat()).toEqual(["counted", "sorted"]);
    ran();
    writeFileSync(join(folder, "ok"), "");
    // Standard input may not have been captured to its end.
    expect(await go(["--resume"], "apple\n")).toMatchObject({ code: 0 });
    expect(report()).toBe(REPORT);
    expect(ran()).toEqual(["checked", "last"]);
  });

  it("without anything to go on from, or with two of it, nothing is started", async () => {
    const { folder, go, ran } = place(runtime);
    const bare = await run(runtime, [join(folder, "flow.json"), "--resume"]);
    expect(bare).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("There is nothing to resume from") as string,
    });
    const both = await go(["--resume", "--load-state", "run.db"]);
    expect(both).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Cannot combine --resume and --load-state") as string,
    });
    expect(ran()).toEqual([]);
  });
});
