/** `sluice watch`: a flow runs again when what it reads has changed. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, type Runtime, runtimes, start, type Started, until } from "./rig.ts";

interface Watched extends Started {
  readonly folder: string;
  readonly write: (name: string, text: string) => void;
  /** Waits until standard output is this. */
  readonly shows: (text: string) => Promise<void>;
  readonly tells: (text: string) => Promise<void>;
  /** Ctrl-C, and what is left then. */
  readonly stop: () => Promise<void>;
}

function startWatch(
  runtime: Runtime,
  flow: object,
  files: Readonly<Record<string, string>>,
  options: readonly string[] = [],
): Watched {
  const folder = makeFolder({ ...files, "flow.json": flow });
  for (const [name, text] of Object.entries(files)) {
    if (text.startsWith("#!")) chmodSync(join(folder, name), 0o755);
  }
  const started = start(runtime, ["watch", join(folder, "flow.json"), ...options], { cwd: folder });
  const { stdout, stderr, child, ended } = started;
  const explain = () => JSON.stringify({ stdout: stdout(), stderr: stderr() });
  return {
    ...started,
    folder,
    // As editors do it: beside, and then in its place.
    write: (name, text) => {
      writeFileSync(join(folder, `${name}~`), text);
      renameSync(join(folder, `${name}~`), join(folder, name));
    },
    shows: async (text) => await until(() => stdout() === text, explain),
    tells: async (text) => await until(() => stderr().includes(text), explain),
    stop: async () => {
      child.kill("SIGINT");
      expect(await ended).toMatchObject({ code: 130, signal: null });
    },
  };
}

const COPY = { actors: { text: { file: "text" }, copy: { run: ["cat"], in: "text" } }, out: "copy" };

describe.each(runtimes)("watch on $name", (runtime) => {
  it("runs again when a file has changed, and tells why", async () => {
    const { write, shows, tells, stop, stderr } = startWatch(runtime, COPY, { text: "one\n" });
    await shows("one\n");
    write("text", "two\n");
    await shows("one\ntwo\n");
    await tells("sluice: text has changed: running again\n");
    write("other", "not read\n");
    write("text", "three\n");
    await shows("one\ntwo\nthree\n");
    expect(stderr().match(/running again/g)).toHaveLength(2);
    await stop();
  });

  it("sees the program that its process runs", async () => {
    const flow = { actors: { a: { run: ["./tool"], cwd: "sub" } } };
    const { folder, shows, stop } = startWatch(runtime, flow, {
      "tool": "#!/bin/sh\necho one",
      "sub/tool": "#!/bin/sh\necho wrong",
    });
    await shows("one\n");
    writeFileSync(join(folder, "tool"), "#!/bin/sh\necho two");
    await shows("one\ntwo\n");
    await stop();
  });

  it("waits for a flow that is broken, and for a file that is gone", async () => {
    const { folder, write, shows, tells, stop } = startWatch(runtime, COPY, { text: "one\n" });
    await shows("one\n");
    write("flow.json", '{ "actors": ');
    await tells("flow.json:1:");
    write("flow.json", JSON.stringify({ ...COPY, out: ["copy", "copy"] }));
    await shows("one\none\none\n");
    write("flow.json", "{}");
    await tells("flow.json:1:1");
    write("flow.json", JSON.stringify(COPY));
    await shows("one\none\none\none\n");
    rmSync(join(folder, "text"));
    await tells("there is no such file (expected a file that exists)");
    write("text", "back\n");
    await shows("one\none\none\none\nback\n");
    await stop();
  });

  it("stops what still runs", async () => {
    const flow = {
      actors: { text: { file: "text" }, slow: { run: ["sh", "slow.sh"], in: "text" } },
      out: "slow",
    };
    const script =
      'read -r line; case $line in wait) echo begun > begun; exec sleep 1000;; esac; echo "$line"';
    const { folder, write, shows, stop } = startWatch(runtime, flow, { text: "wait\n", "slow.sh": script });
    await until(() => existsSync(join(folder, "begun")));
    write("text", "go\n");
    await shows("go\n");
    await stop();
  });

  it("sees members of sets come and go, and runs only what depends on a change", async () => {
    const flow = {
      sets: { log: { files: "logs/*.log" } },
      actors: {
        count: { each: "log", run: ["sh", "count.sh", "{log.path}"], cache: true },
        all: { run: ["cat"], in: "count" },
      },
      out: { "-": "all", "counts/{log.stem}.txt": "count" },
    };
    const script = '. ./lib.sh; count "$1"; echo "$1" >> ran';
    const { folder, write, shows, stop } = startWatch(runtime, flow, {
      "count.sh": script,
      "lib.sh": "count() { wc -l < $1; }",
      "logs/a.log": "1\n",
      "logs/b.log": "1\n2\n",
    });
    const ran = () => readFileSync(join(folder, "ran"), "utf8").trim().split("\n").sort();
    await shows("1\n2\n");
    write("logs/c.log", "1\n2\n3\n");
    await shows("1\n2\n1\n2\n3\n");
    rmSync(join(folder, "logs/a.log"));
    await shows("1\n2\n1\n2\n3\n2\n3\n");
    write("logs/b.log", "");
    await shows("1\n2\n1\n2\n3\n2\n3\n0\n3\n");
    mkdirSync(join(folder, "logs/not.here"));
    expect(ran()).toEqual(["logs/a.log", "logs/b.log", "logs/b.log", "logs/c.log"]);
    // A file that only the script reads: the cache has seen it.
    write("lib.sh", "count() { echo x; }");
    await shows("1\n2\n1\n2\n3\n2\n3\n0\n3\nx\nx\n");
    await stop();
  });

  it("sees flows that it uses, and tables", async () => {
    const flow = {
      sets: { row: { table: "rows.csv" } },
      actors: { say: { each: "row", use: "./say.json", with: { word: "{row.word}" } } },
      out: "say",
    };
    const say = (end: string) =>
      JSON.stringify({
        params: { word: {} },
        actors: { word: { run: ["echo", `{param.word}${end}`] } },
      });
    const files = { "rows.csv": "word\na\n", "say.json": say("") };
    const { write, shows, stop } = startWatch(runtime, flow, files);
    await shows("a\n");
    write("rows.csv", "word\na\nb\n");
    await shows("a\na\nb\n");
    write("say.json", say("!"));
    await shows("a\na\nb\na!\nb!\n");
    await stop();
  });

  it("sees the file of variables, waits while that is gone, and reads what is written in place", async () => {
    const flow = {
      params: { word: { env: "WATCHED_WORD" } },
      actors: { say: { run: ["cat", "text"], reads: ["text"] }, word: { value: "{param.word}\n" } },
      out: ["say", "word"],
    };
    const files = { "vars.env": "WATCHED_WORD=one\n", "text": "a\n" };
    const { write, shows, tells, stop, folder } = startWatch(runtime, flow, files, [
      "--env-file",
      "vars.env",
    ]);
    await shows("a\none\n");
    write("vars.env", "WATCHED_WORD=two\n");
    await shows("a\none\na\ntwo\n");
    // As editors do it that do not write beside: emptied, then written.
    writeFileSync(join(folder, "text"), "");
    writeFileSync(join(folder, "text"), "b\n");
    await shows("a\none\na\ntwo\nb\ntwo\n");
    rmSync(join(folder, "vars.env"));
    await tells("vars.env has changed: running again\nCannot read");
    write("vars.env", "WATCHED_WORD=three\n");
    await shows("a\none\na\ntwo\nb\ntwo\nb\nthree\n");
    await stop();
  });

  it("sees a thousand files go at once", async () => {
    const names = Array.from({ length: 1000 }, (_, at) => `many/${at}.txt`);
    const flow = {
      sets: { f: { files: "many/*.txt" } },
      actors: { text: { each: "f", file: "{f.path}" }, count: { run: ["wc", "-l"], in: "text" } },
      out: "count",
    };
    const files = Object.fromEntries([...names, "many/last.txt"].map((name) => [name, "a line\n"]));
    const { folder, shows, stop } = startWatch(runtime, flow, files);
    await shows("1001\n");
    for (const name of names) unlinkSync(join(folder, name));
    await shows("1001\n1\n");
    await stop();
  });

  it("refuses what comes only once", async () => {
    const folder = makeFolder({
      "flow.json": { actors: { a: { stdin: true }, b: { run: ["cat"], in: "a" } } },
    });
    const { code, stderr } = await run(runtime, ["watch", join(folder, "flow.json")]);
    expect(code).toBe(2);
    expect(stderr).toContain('Cannot watch a flow whose actor "a" reads standard input: it is there once');
    expect((await run(runtime, ["watch", "-"])).stderr).toContain(
      "Cannot watch a flow that comes from standard input",
    );
  });
});
