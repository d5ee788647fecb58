/** Files of `out` that are no regular files of their own, or whose names or folders are unusual. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Ended } from "./rig.ts";
import { makeFolder, run, runtimes, start, startCommand, until } from "./rig.ts";

const canMount = spawnSync("unshare", ["-rm", "true"]).status === 0;

describe.each(runtimes)("out on $name", (runtime) => {
  const shell = (script: string, cwd: string): Promise<Ended> =>
    startCommand(["sh", "-c", script, "sh", ...runtime.command, "flow.json"], { cwd }).ended;

  it("/dev/stdout and /dev/stderr are what they are, and are not replaced", async () => {
    const folder = makeFolder({
      "out.txt": "before\n",
      "flow.json": {
        actors: { a: { run: ["echo", "a"] }, b: { run: ["echo", "b"] }, c: { value: "c\n" } },
        out: { "/dev/stdout": ["a", "c"], "/dev/stderr": "b", "/dev/null": "a" },
      },
    });
    const said = await shell('"$@" >>out.txt; echo $?; "$@" | cat', folder);
    expect(said).toMatchObject({ stdout: "0\na\nc\n", stderr: "b\nb\n" });
    expect(readFileSync(join(folder, "out.txt"), "utf8")).toBe("before\na\nc\n");
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  it("a file of the system's own, which stands where none can be made, is written", async () => {
    const folder = makeFolder({
      "flow.json": { actors: { a: { run: ["echo", "other"] } }, out: { "/proc/self/comm": "a" } },
    });
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("links are followed, other names and modes kept, and a name may be as long as the system allows", async () => {
    const long = "ü".repeat(127);
    const folder = makeFolder({
      "first": "old\n",
      "private": "old\n",
      "away/x": "",
      "flow.json": {
        actors: { a: { run: ["echo", "new"] } },
        out: Object.fromEntries(["link", "dangling", "second", "private", long].map((name) => [name, "a"])),
      },
    });
    linkSync(join(folder, "first"), join(folder, "second"));
    chmodSync(join(folder, "private"), 0o640);
    writeFileSync(join(folder, "away", "target"), "old\n");
    symlinkSync("away/target", join(folder, "link"));
    symlinkSync("away/to", join(folder, "dangling"));
    symlinkSync("made", join(folder, "away", "to"));
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const name of ["link", "away/target", "away/made", "first", "second", "private", long]) {
      expect([name, readFileSync(join(folder, name), "utf8")]).toEqual([name, "new\n"]);
    }
    expect(lstatSync(join(folder, "dangling")).isSymbolicLink()).toBe(true);
    expect(statSync(join(folder, "private")).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("what the runtime has open for itself is no target", async () => {
    const targets = Array.from({ length: 20 }, (_, at) => `/proc/self/fd/${at + 3}`);
    const folder = makeFolder({});
    const codes: (number | null)[] = [];
    for (const target of targets) {
      writeFileSync(
        join(folder, "flow.json"),
        JSON.stringify({ actors: { a: { value: "lost" } }, out: { [target]: "a" } }),
      );
      codes.push((await run(runtime, ["flow.json", "--quiet"], { cwd: folder })).code);
    }
    expect(codes.filter((code) => code === 0)).toEqual([]);
  }, 120_000);

  it("what cannot be a file is refused before anything is started", async () => {
    const targets = [
      "folder",
      "ring",
      "toFolder",
      "one",
      "toOne",
      `${"x".repeat(256)}`,
      "/dev/fd/99",
      "none/x",
    ];
    const folder = makeFolder({
      "flow.json": {
        actors: { a: { run: ["echo", "a"] } },
        out: Object.fromEntries(targets.map((name) => [name, "a"])),
      },
    });
    mkdirSync(join(folder, "folder"));
    symlinkSync("folder", join(folder, "toFolder"));
    symlinkSync("ring", join(folder, "ring"));
    symlinkSync("one", join(folder, "toOne"));
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    const reasons = [...stderr.matchAll(/Cannot write "[^"]*": (.*)/g)].map(([, reason]) => reason);
    expect({ code, reasons }).toEqual({
      code: 2,
      reasons: [
        "it is a folder (expected a file)",
        "its links lead round in a ring",
        "it is a folder (expected a file)",
        `it is the same file as "${join(folder, "one")}" (expected one entry for each file)`,
        "its name is too long for the system (expected a shorter one)",
        "this program was not given it (expected one that is open)",
        "its folder: there is no such folder (expected a folder that exists)",
      ],
    });
  });

  it("one file with two names is no file for two outputs", async () => {
    const folder = makeFolder({
      "one": "old\n",
      "flow.json": {
        actors: { a: { run: ["echo", "a"] }, b: { run: ["echo", "b"] } },
        out: { one: "a", two: "b" },
      },
    });
    linkSync(join(folder, "one"), join(folder, "two"));
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("it is the same file as"),
    });
    expect(readFileSync(join(folder, "one"), "utf8")).toBe("old\n");
  });

  it.runIf(canMount)(
    "what is mounted, or in a folder that may not be written, is written as it is",
    async () => {
      const folder = makeFolder({
        "mounted.txt": "old\n",
        "elsewhere": "old\n",
        "locked/open.txt": "old, and longer than what comes\n",
        "flow.json": {
          actors: { a: { run: ["echo", "new"] } },
          out: { "mounted.txt": "a", "locked/open.txt": "a" },
        },
      });
      const script = `
      mount --bind elsewhere mounted.txt && mount --bind locked locked && mount -o remount,ro,bind locked &&
      mount --bind locked/open.txt locked/open.txt && mount -o remount,rw,bind locked/open.txt &&
      "$@" && "$@"; echo $?; ls -A . locked | grep -c tmp; cat locked/open.txt`;
      const command = ["unshare", "-rm", "sh", "-c", script, "sh", ...runtime.command, "flow.json"];
      expect(await startCommand(command, { cwd: folder }).ended).toMatchObject({
        stdout: "0\n0\nnew\n",
        stderr: "",
      });
      expect(readFileSync(join(folder, "elsewhere"), "utf8")).toBe("new\n");
      expect(readFileSync(join(folder, "mounted.txt"), "utf8")).toBe("old\n");
    },
  );

  it("named pipes wait for the other end, in the flow or outside, and hold up nothing else", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: {
          from: { file: "in" },
          wc: { run: ["wc", "-c"], in: "from" },
          cat: { run: ["cat"], in: "from" },
          seq: { run: ["seq", "9"] },
          reader: { run: ["cat", "out"] },
          writer: { sh: "seq 3 >in" },
        },
        out: { "out": "seq", "-": ["wc", "cat", "reader", "writer"] },
      },
      "waits.json": {
        timeout: "300ms",
        actors: { from: { file: "in" }, cat: { run: ["cat"], in: "from" }, seq: { run: ["seq", "9"] } },
        out: { "-": "cat", "out": "seq" },
      },
    });
    spawnSync("mkfifo", ["in", "out"], { cwd: folder });
    const { code, stdout } = await run(runtime, ["flow.json"], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "6\n1\n2\n3\n1\n2\n3\n4\n5\n6\n7\n8\n9\n" });
    const stuck = await run(runtime, ["waits.json"], { cwd: folder });
    expect(stuck).toMatchObject({ code: 4, stdout: "" });
    expect(stuck.stderr).toMatch(/from +waits: for somebody who writes to the named pipe/);
    expect(stuck.stderr).toMatch(/out +waits: for somebody who reads the named pipe/);
  });

  it("a named pipe that nobody comes to is told, once, and what has come to its end is not", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: { from: { file: "in" }, cat: { run: ["cat"], in: "from" }, seq: { run: ["seq", "9"] } },
        out: { "-": "cat", "out": "seq" },
      },
    });
    spawnSync("mkfifo", ["in", "out"], { cwd: folder });
    const { stderr, ended } = start(runtime, [join(folder, "flow.json"), "--events", join(folder, "events")]);
    await until(() => /waits for somebody who reads/.test(stderr()), stderr);
    writeFileSync(join(folder, "in"), "late\n");
    expect(readFileSync(join(folder, "out"), "utf8").split("\n")).toHaveLength(10);
    const { code, stdout, stderr: said } = await ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "late\n" });
    expect(said.trim().split("\n").sort()).toEqual([
      `${join(folder, "out")} waits for somebody who reads the named pipe`,
      "from waits for somebody who writes to the named pipe",
    ]);
    expect(readFileSync(join(folder, "events"), "utf8").match(/"pipe-waiting"/g)).toHaveLength(2);
  });

  it("a named pipe is written to its end, whatever named pipes had its number before", async () => {
    const names = ["in1", "in2", "in3", "in4"];
    const folder = makeFolder({
      "flow.json": {
        actors: {
          ...Object.fromEntries(names.map((name) => [name, { file: name }])),
          writer: { sh: `for name in ${names.join(" ")}; do echo $name >$name; done` },
          // The one is opened when the others have been closed.
          reader: { sh: "cat; cat out", in: names },
          seq: { run: ["seq", "9"] },
        },
        out: { "out": "seq", "-": ["reader", "writer"] },
      },
    });
    spawnSync("mkfifo", [...names, "out"], { cwd: folder });
    expect(await run(runtime, ["flow.json"], { cwd: folder })).toMatchObject({
      code: 0,
      stdout: `${names.join("\n")}\n1\n2\n3\n4\n5\n6\n7\n8\n9\n`,
      stderr: "",
    });
  });

  const withoutLibrary = "a named pipe is read without the C library, too, and holds up nothing else";
  it.runIf(runtime.name === "node")(withoutLibrary, async () => {
    const folder = makeFolder({
      "flow.json": {
        timeout: "20s",
        actors: {
          from: { file: "in" },
          cat: { run: ["cat"], in: "from" },
          other: { run: ["seq", "2"] },
          both: { sh: "cat; seq 3 >in", in: "other" },
          copy: { run: ["cat"], in: "other" },
        },
        out: { "-": ["cat", "both", "copy"], "copy.txt": "from" },
      },
    });
    spawnSync("mkfifo", ["in"], { cwd: folder });
    const [node, program] = runtime.command;
    const command = [node, "--no-addons", program, "flow.json"];
    expect(await startCommand(command, { cwd: folder }).ended).toMatchObject({
      code: 0,
      stdout: "1\n2\n3\n1\n2\n1\n2\n",
      stderr: "",
    });
    expect(readFileSync(join(folder, "copy.txt"), "utf8")).toBe("1\n2\n3\n");
  });

  it("a descriptor that this program was given is written, whatever it is", async () => {
    const folder = makeFolder({
      "file.txt": "before\n",
      "flow.json": {
        actors: { a: { run: ["echo", "a"] }, b: { run: ["echo", "b"] } },
        out: { "/dev/fd/3": "a", "/dev/fd/4": ["a", "b"] },
      },
    });
    const said = await shell('"$@" 3>>file.txt 4>&1; echo $?; { "$@" 4>>file.txt; } 3>&1 | cat', folder);
    expect(said).toMatchObject({ stdout: "a\nb\n0\na\n", stderr: "" });
    expect(readFileSync(join(folder, "file.txt"), "utf8")).toBe("before\na\na\nb\n");
  });
});
