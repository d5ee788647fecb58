/** Shell pipelines as flows: the same bytes as bash. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { FILES, ONE_LINERS, type OneLiner } from "../shell/one_liners.ts";
import { makeFolder, run, type Runtime, runtimes, startCommand } from "./rig.ts";

const env = { LC_ALL: "C" };
/** All of them on each runtime take minutes; otherwise each is on one. */
const isThorough = process.env["SLUICE_THOROUGH"] === "1";

function takeFiles(folder: string, { writes = [] }: OneLiner): readonly string[] {
  return writes.map((name) => readFileSync(join(folder, name), "utf8"));
}

async function runByBash(oneLiner: OneLiner): Promise<object> {
  const folder = makeFolder(FILES);
  const { stdin = "" } = oneLiner;
  const ended = await startCommand(["bash", "-c", oneLiner.script], { cwd: folder, stdin, env }).ended;
  return { stdout: ended.stdout, files: takeFiles(folder, oneLiner) };
}

async function runAsFlow(runtime: Runtime, oneLiner: OneLiner): Promise<object> {
  const { script, stdin = "", left = 0 } = oneLiner;
  const folder = makeFolder({ ...FILES, "script.sh": script });
  const imported = await run(runtime, ["import", "script.sh"], { cwd: folder, env });
  expect(imported.code).toBe(0);
  expect(imported.stderr.match(/left to a shell/g) ?? []).toHaveLength(left);
  writeFileSync(join(folder, "flow.json"), imported.stdout);
  const ended = await run(runtime, ["flow.json"], { cwd: folder, stdin, env });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  return { stdout: ended.stdout, files: takeFiles(folder, oneLiner) };
}

describe.each(runtimes.map((runtime, at) => ({ ...runtime, at })))(
  "pipelines imported on $name",
  (runtime) => {
    const mine = Object.entries(ONE_LINERS).filter((_, at) =>
      isThorough || at % runtimes.length === runtime.at
    );
    it.each(mine)("give the same bytes as bash: %s", async (_, oneLiner) => {
      const [byBash, asFlow] = await Promise.all([runByBash(oneLiner), runAsFlow(runtime, oneLiner)]);
      expect(asFlow).toEqual(byBash);
    });
  },
);

describe.each(runtimes)("import on $name", (runtime) => {
  it("names what a flow cannot say, with its place", async () => {
    const { code, stdout, stderr } = await run(runtime, [
      "import",
      "-c",
      "sort a |\n while read x; do echo $x; done",
    ]);
    expect(code).toBe(0);
    expect(stderr).toBe('-c:2:2: a flow cannot say "while": left to a shell, as actor "while"\n');
    expect(JSON.parse(stdout)).toEqual({
      actors: {
        sort: { run: ["sort", "a"] },
        while: { run: ["bash", "-c", "while read x; do echo $x; done"], in: "sort" },
      },
      out: "while",
    });
  });

  it("refuses what is no script, no file and no words", async () => {
    const broken = await run(runtime, ["import", "-c", "sort | (uniq"]);
    expect(broken).toMatchObject({ code: 2, stdout: "" });
    expect(broken.stderr).toContain("-c:1:");
    const gone = await run(runtime, ["import", "not/there.sh"]);
    expect(gone).toMatchObject({ code: 2, stdout: "" });
    expect(gone.stderr).toContain('Cannot read "not/there.sh": ENOENT: no such file or directory');
    expect((await run(runtime, ["import"])).stderr).toContain("expected one script, or -c 'PIPELINE'");
  });
});
