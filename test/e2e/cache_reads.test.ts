/** What cached actors read by themselves: whatever it is and however it is named, a change of it is never missed. */
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunResult } from "../../lib/core/result.ts";
import { noting, place } from "./cache_rig.ts";
import { type Ended, runtimes } from "./rig.ts";

interface Case {
  readonly actor: object;
  /** What it writes before the change, and after it. */
  readonly before: string;
  readonly after: string;
  /** By name; undefined removes it. */
  readonly change: Readonly<Record<string, string | undefined>>;
}

const FILES = {
  "my file.txt": "1\n",
  "logs/a.txt": "1\n",
  "old/a.txt": "1\n",
  "old/b.txt": "2\n",
  "d.txt": "1\n",
  "left/d.txt": "left\n",
  "right/d.txt": "right\n",
  "outer.sh": ". ./inner.sh\n",
  "inner.sh": 'cat "$(echo data).txt"\n',
  "data.txt": "1\n",
  "listed/a": "",
  "one": "1\n",
  "two": "2\n",
  "second/tool": "#!/bin/sh\necho 1\n",
  "asked/a": "",
  "Words.pm": 'package Words; open F, "<", "words"; print <F>; 1;\n',
  "words": "1\n",
  "module.cjs": "module.exports = 1",
  "env.txt": "1\n",
  "bare": "echo 1\n",
  'é <>"\\.txt': "1\n",
};

/** Every actor notes that it was run; that it does so is no reason to run it again. */
const CASES: Readonly<Record<string, Case>> = {
  quoted: {
    actor: { sh: noting("quoted", 'cat "my file.txt"') },
    ...{ before: "1\n", after: "9\n", change: { "my file.txt": "9\n" } },
  },
  odd: {
    actor: { sh: noting("odd", "cat é*") },
    ...{ before: "1\n", after: "9\n", change: { 'é <>"\\.txt': "9\n" } },
  },
  cut: {
    actor: { sh: noting("cut", "yes | head -n 1; sh -c 'kill -9 $$' | cat d.txt") },
    ...{ before: "y\n1\n", after: "y\n9\n", change: { "d.txt": "9\n" } },
  },
  glob: {
    actor: { sh: noting("glob", "cat logs/*.txt") },
    ...{ before: "1\n", after: "1\n9\n", change: { "logs/b.txt": "9\n" } },
  },
  gone: {
    actor: { sh: noting("gone", "cat old/*.txt") },
    ...{ before: "1\n2\n", after: "2\n", change: { "old/a.txt": undefined } },
  },
  words: {
    actor: { run: ["sh", "-c", noting("words", "cat d.txt")] },
    ...{ before: "1\n", after: "9\n", change: { "d.txt": "9\n" } },
  },
  left: {
    actor: { sh: "echo left >> ../ran; cat d.txt", cwd: "left" },
    ...{ before: "left\n", after: "9\n", change: { "left/d.txt": "9\n" } },
  },
  right: {
    actor: { sh: "echo right >> ../ran; cat d.txt", cwd: "right" },
    ...{ before: "right\n", after: "8\n", change: { "right/d.txt": "8\n" } },
  },
  script: {
    actor: { sh: noting("script", "sh outer.sh") },
    ...{ before: "1\n", after: "9\n", change: { "data.txt": "9\n" } },
  },
  listed: {
    actor: { sh: noting("listed", "ls listed") },
    ...{ before: "a\n", after: "a\nb\n", change: { "listed/b": "" } },
  },
  here: {
    actor: { sh: noting("here", "ls | grep -c '^new$' || true") },
    ...{ before: "0\n", after: "1\n", change: { "new": "" } },
  },
  absent: {
    actor: { sh: noting("absent", "[ -e flag ] && echo yes || echo no") },
    ...{ before: "no\n", after: "yes\n", change: { flag: "" } },
  },
  asked: {
    actor: { sh: noting("asked", "[ -s asked/a ] && echo full || echo empty") },
    ...{ before: "empty\n", after: "full\n", change: { "asked/a": "9\n" } },
  },
  link: {
    actor: { sh: noting("link", "cat link; readlink link") },
    ...{ before: "1\none\n", after: "2\ntwo\n", change: { link: "→two" } },
  },
  tool: {
    actor: { sh: noting("tool", "tool"), env: { PATH: "first:second:/usr/bin:/bin" } },
    ...{ before: "1\n", after: "9\n", change: { "first/tool": "#!/bin/sh\necho 9\n" } },
  },
  perl: {
    actor: { sh: noting("perl", "perl -I. -MWords -e 1") },
    ...{ before: "1\n", after: "9\n", change: { words: "9\n" } },
  },
  node: {
    actor: { sh: noting("node", "node -p 'require(\"./module.cjs\")'") },
    ...{ before: "1\n", after: "9\n", change: { "module.cjs": "module.exports = 9" } },
  },
  variable: {
    actor: { sh: noting("variable", 'cat < "$NAME"'), env: { NAME: "env.txt" } },
    ...{ before: "1\n", after: "9\n", change: { "env.txt": "9\n" } },
  },
  bare: {
    actor: { run: ["./bare"] },
    ...{ before: "1\n", after: "9\n", change: { bare: "echo 9\n" } },
  },
};

describe.each(runtimes)("on $name", (runtime) => {
  it("whatever an actor reads by itself, it is run again when that has changed, and only then", async () => {
    const entries = Object.entries(CASES);
    const actors = Object.fromEntries(entries.map(([name, { actor }]) => [name, { ...actor, cache: true }]));
    const out = Object.fromEntries(entries.map(([name]) => [`out/${name}`, name]));
    const { folder, go, ran } = place(runtime, { actors, out }, FILES);
    for (const name of ["out", "first"]) mkdirSync(join(folder, name));
    for (const name of ["second/tool", "bare"]) chmodSync(join(folder, name), 0o755);
    symlinkSync("one", join(folder, "link"));
    const written = (): readonly (readonly string[])[] =>
      entries.map(([name]) => [name, readFileSync(join(folder, "out", name), "utf8")]);
    const names = entries.map(([name]) => name).filter((name) => name !== "bare").sort();

    expect(await go()).toMatchObject({ code: 0, stderr: expect.not.stringContaining("Cannot") as string });
    expect(written()).toEqual(entries.map(([name, { before }]) => [name, before]));
    expect(ran()).toEqual(names);
    const { actors: second } = JSON.parse((await go(["--json"])).stderr) as RunResult;
    expect(Object.keys(second).filter((name) => second[name]?.cached !== true)).toEqual([]);
    expect(ran()).toEqual([]);
    for (const { change } of Object.values(CASES)) {
      for (const [name, text] of Object.entries(change)) {
        const path = join(folder, name);
        rmSync(path, { force: true });
        if (text?.startsWith("→") === true) symlinkSync(text.slice(1), path);
        else if (text !== undefined) writeFileSync(path, text, { mode: 0o755 });
      }
    }
    expect(await go()).toMatchObject({ code: 0 });
    expect(written()).toEqual(entries.map(([name, { after }]) => [name, after]));
    expect(ran()).toEqual(names);
  });

  it("a parameter that nothing names changes nothing, one that is named anywhere does", async () => {
    const actors = {
      none: { sh: noting("none", "echo none"), cache: true },
      script: { sh: noting("script", "sh level.sh"), cache: true },
      input: { run: ["sh"], in: "text", cache: true },
      text: { value: "echo input >> ran; echo $SLUICE_PARAM_LEVEL\n" },
      all: { sh: noting("all", "env | grep -c =fine"), ok: [0, 1], cache: true },
      given: { sh: noting("given", 'echo "$1"'), env: { GIVEN: "{param.other}" }, cache: true },
    };
    const flow = { params: { level: { default: "coarse" }, other: { default: "o" } }, actors };
    const { go, ran } = place(runtime, { ...flow, out: ["script", "input", "all"] }, {
      "level.sh": "echo ${SLUICE_PARAM_LEVEL}\n",
    });
    const all = ["none", "script", "input", "all", "given"];
    const select = (args: readonly string[]): Promise<Ended> => go([...all, ...args]);
    await select([]);
    expect(ran()).toEqual([...all].sort());
    await select([]);
    expect(ran()).toEqual([]);
    await select(["--set", "level=fine"]);
    expect(ran()).toEqual(["all", "input", "script"]);
    expect(await go(["--set", "level=fine"])).toMatchObject({ code: 0, stdout: "fine\nfine\n1\n" });
    await select(["--set", "level=fine", "--set", "other=p"]);
    expect(ran()).toEqual(["all", "given"]);
  });

  it("an inherited variable counts, the place where the engine is started does not", async () => {
    const actors = { a: { sh: noting("a", "sh script.sh; echo $PWD $SHLVL"), cache: true } };
    const files = { "script.sh": 'echo "$LOCAL $SLUICE_LOCAL"', "else/where": "" };
    const { folder, sluice, ran } = place(runtime, { actors }, files);
    const go = async (variables: Readonly<Record<string, string>>): Promise<string> =>
      (await sluice([join(folder, "flow.json")], { LOCAL: "1", SLUICE_LOCAL: "1", ...variables })).stdout;
    expect(await go({ PWD: folder, SHLVL: "1" })).toBe(`1 1\n${folder}\n`);
    expect(ran()).toEqual(["a"]);
    expect(await go({ PWD: join(folder, "else"), SHLVL: "2", OLDPWD: "/", SSH_TTY: "x" })).toBe(
      `1 1\n${folder}\n`,
    );
    expect(ran()).toEqual([]);
    expect(await go({ LOCAL: "2" })).toBe(`2 1\n${folder}\n`);
    expect(await go({ SLUICE_LOCAL: "2" })).toBe(`1 2\n${folder}\n`);
    expect(ran()).toEqual(["a", "a"]);
  });

  it("what is changed while an actor runs is told, and not kept", async () => {
    const actors = {
      read: {
        sh: noting("read", "cat d.txt; : > began; until [ -e go-on ]; do sleep 0.01; done"),
        cache: true,
      },
      other: { sh: "until [ -e began ]; do sleep 0.01; done; echo 2 > d.txt; : > go-on" },
    };
    const { folder, go, ran } = place(runtime, { actors, out: "read" }, { "d.txt": "1\n" });
    const { stdout, stderr } = await go(["read", "other"]);
    expect({ stdout, stderr }).toMatchObject({
      stdout: "1\n",
      stderr: expect.stringContaining(`Cannot cache actor "read": "`) as string,
    });
    expect(stderr).toContain('d.txt" was changed while the actor ran');
    for (const name of ["began", "go-on"]) rmSync(join(folder, name));
    expect(ran()).toEqual(["read"]);
    expect(await go(["read", "other"])).toMatchObject({ stdout: "2\n" });
    expect(ran()).toEqual(["read"]);
  });

  it("where nothing can be watched, it is told and nothing is kept, but for what is declared", async () => {
    const actors = {
      unknown: { sh: noting("unknown", "cat logs/*.txt"), cache: true },
      known: { sh: noting("known", "cat logs/*.txt"), reads: ["logs/*.txt"], cache: true },
      sorted: { run: ["sort"], in: "known", reads: [], cache: true },
    };
    const { folder, sluice } = place(runtime, { actors, out: ["unknown", "sorted"] }, {
      "logs/a.txt": "1\n",
    });
    mkdirSync(join(folder, "bin"));
    for (const name of ["sh", "cat", "sort", "echo"]) symlinkSync(`/bin/${name}`, join(folder, "bin", name));
    const PATH = join(folder, "bin");
    expect((await sluice(["check", join(folder, "flow.json")], { PATH })).stdout).toContain(
      'Cannot cache "unknown": what it reads cannot be seen here (install strace, or say what it reads: ',
    );
    const go = async (): Promise<Pick<RunResult, "actors"> & { readonly stdout: string }> => {
      const { stdout, stderr } = await sluice([join(folder, "flow.json"), "--json"], { PATH });
      return { stdout, actors: (JSON.parse(stderr) as RunResult).actors };
    };
    const first = await go();
    expect(first.actors["unknown"]?.notKept).toContain("install strace");
    expect(first.actors["known"]?.notKept).toBeUndefined();
    const second = await go();
    expect(["unknown", "known", "sorted"].map((name) => second.actors[name]?.cached)).toEqual([
      undefined,
      true,
      true,
    ]);
    writeFileSync(join(folder, "logs", "b.txt"), "0\n");
    expect(await go()).toMatchObject({ stdout: "1\n0\n0\n1\n" });
  });
});
