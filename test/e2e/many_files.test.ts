/** More files than a process may have descriptors, and files that cannot be opened when it is their turn. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Ended, Runtime } from "./rig.ts";
import { makeFolder, runtimes, startCommand } from "./rig.ts";

const FEW = 256;

/** Runs `flow.json` of a folder with few descriptors, which nothing can raise, in a session without a terminal. */
function runWithFew(
  runtime: Runtime,
  cwd: string,
  args: readonly string[] = [],
  few = FEW,
): Promise<Ended> {
  const command = ["bash", "-c", `ulimit -n ${few}; exec setsid --wait "$@"`, "bash", ...runtime.command];
  return startCommand([...command, "flow.json", ...args], { cwd }).ended;
}

describe.each(runtimes)("files on $name", (runtime) => {
  it("that several outputs and actors share, such as what the cache keeps, are read by all of them", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: {
          kept: { run: ["seq", "20000"], cache: true },
          copy: { run: ["cat"], in: "kept" },
        },
        out: { "kept.txt": "kept", "copy.txt": "copy" },
      },
    });
    const { code, stderr } = await startCommand([...runtime.command, join(folder, "flow.json")]).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [kept, copy] = ["kept.txt", "copy.txt"].map((name) => readFileSync(join(folder, name), "utf8"));
    expect({ length: kept?.length, isSame: kept === copy }).toEqual({ length: 108_894, isSame: true });
  });

  it("are read by hundreds, whoever reads them, with few descriptors", async () => {
    const names = Array.from({ length: 600 }, (_, at) => `f${at}`);
    const count = { run: ["wc", "-l"], in: names };
    const folder = makeFolder({
      ...Object.fromEntries(names.map((name) => [name, `${name}\n`])),
      "flow.json": {
        actors: {
          ...Object.fromEntries(names.map((name) => [name, { file: name }])),
          concat: { run: ["cat"], in: names },
          lines: { ...count, merge: "lines" },
          whole: { ...count, in: { stdin: { from: names, as: "file" } } },
          cached: { ...count, cache: true },
          shared: { run: ["cat"], in: names, workers: 2 },
          again: {
            sh: "test -e seen || { head -n 3; touch seen; exit 1; }; wc -l",
            in: names,
            retry: { max: 1 },
          },
          gathered: { run: ["wc", "-l"], in: "shared" },
        },
        out: {
          "concat.txt": "concat",
          "copy.txt": names,
          "-": ["lines", "whole", "cached", "again", "gathered"],
        },
      },
    });
    const { code, stdout } = await runWithFew(runtime, folder, ["--db", "run.db"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "600\n".repeat(5) });
    const all = names.map((name) => `${name}\n`).join("");
    for (const file of ["concat.txt", "copy.txt"]) expect(readFileSync(join(folder, file), "utf8")).toBe(all);
  });

  it("are written by hundreds, whoever writes them, with few descriptors", async () => {
    const names = Array.from({ length: 300 }, (_, at) => `f${at}`);
    const outputs = (of: (name: string) => string | readonly string[], folder: string) =>
      Object.fromEntries(names.map((name) => [`${folder}/${name}`, of(name)]));
    const folder = makeFolder({
      ...Object.fromEntries(["values", "own", "shared"].map((name) => [`${name}/f0`, "old\n"])),
      "flow.json": {
        actors: {
          ...Object.fromEntries(names.map((name) => [`v-${name}`, { value: `${name}\n` }])),
          ...Object.fromEntries(names.map((name) => [`p-${name}`, { run: ["echo", name] }])),
          seq: { run: ["seq", "20000"] },
          end: { run: ["echo", "end"] },
        },
        limits: { processes: 20 },
        out: {
          ...outputs((name) => `v-${name}`, "values"),
          ...outputs((name) => `p-${name}`, "own"),
          // All of them grow at the same time.
          ...outputs(() => ["seq", "end"], "shared"),
        },
      },
    });
    const { code, stderr } = await runWithFew(runtime, folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const seq = Array.from({ length: 20_000 }, (_, at) => `${at + 1}\n`).join("");
    const wrong = names.filter((name) =>
      readFileSync(join(folder, "values", name), "utf8") !== `${name}\n` ||
      readFileSync(join(folder, "own", name), "utf8") !== `${name}\n` ||
      readFileSync(join(folder, "shared", name), "utf8") !== `${seq}end\n`
    );
    expect(wrong).toEqual([]);
  });

  it.each(["concat", "lines"])("that cannot be opened are told: %s", async (merge) => {
    const folder = makeFolder({
      good: "good\n",
      "flow.json": {
        actors: {
          good: { file: "good" },
          tty: { file: "/dev/tty" },
          all: { run: ["cat"], in: ["good", "tty"], merge },
        },
      },
    });
    const { code, stderr } = await runWithFew(runtime, folder);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^Cannot read "\/dev\/tty" for actor "tty": ENXIO/),
    });
  });

  it("are not what is too many: actors are, and that is told", async () => {
    const names = Array.from({ length: 300 }, (_, at) => `a${at}`);
    const folder = makeFolder({
      "flow.json": {
        actors: {
          ...Object.fromEntries(names.map((name) => [name, { run: ["sleep", "4714"] }])),
          all: { run: ["cat"], in: names },
        },
      },
    });
    const { code, stderr } = await runWithFew(runtime, folder);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/EMFILE|too many open files/),
    });
  });

  it("has hundreds of actors, one after the other, with hardly more descriptors than it needs itself", async () => {
    const actors = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`a${at}`, { run: ["true"] }]));
    const folder = makeFolder({ "flow.json": { actors } });
    expect(await runWithFew(runtime, folder, ["--processes", "2"], 48)).toMatchObject({
      code: 0,
      stderr: "",
    });
  });
});
