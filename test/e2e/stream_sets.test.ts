/** Actors over the records of a stream, as a user runs them. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { over, shell } from "./numbers_rig.ts";
import { makeFolder, run, runtimes, start, until } from "./rig.ts";

describe.each(runtimes)("sets of a stream on $name", (runtime) => {
  // seq ─▶ one[1], one[2], … ─▶ out
  it("run a process for each record, and put the outputs in order", async () => {
    const flow = over({
      count: 6,
      actors: {
        one: { each: "n", run: shell('sleep 0.0$((9 - $1)); echo "$1 $SLUICE_EACH_N $SLUICE_EACH_N_INDEX"') },
      },
    });
    const { code, stdout, stderr } = await run(runtime, [flow, "--processes", "4"]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: [1, 2, 3, 4, 5, 6].map((n) => `${n} ${n} ${n - 1}\n`).join(""),
      stderr: "",
    });
  });

  // one[1] waits for one[4], which starts when one[3] has ended
  it("give the outputs as they end, whole, where the flow says so", async () => {
    const script =
      'echo "from $1"; case $1 in 1) until [ -e done ]; do sleep 0.02; done;; 4) touch done;; esac; echo "to $1"';
    const flow = over({
      count: 4,
      sets: { order: "any" },
      actors: { one: { each: "n", run: shell(script) } },
    });
    const { stdout } = await run(runtime, [flow, "--processes", "2"]);
    expect(stdout).toMatch(
      /^from 2\nto 2\nfrom 3\nto 3\n(?:from 1\nto 1\nfrom 4\nto 4|from 4\nto 4\nfrom 1\nto 1)\n$/,
    );
  });

  // seq ─▶ a[…] ─▶ b[…], a[…] + b[…] ─▶ c[…] ─▶ all; word ─▶ a[…]
  it("join several actors to a pipeline for each member", async () => {
    const flow = over({
      actors: {
        word: { value: "word\n" },
        a: { each: "n", run: shell('echo "$1"; cat "$2"', "{in.word}"), in: { word: "word" } },
        b: { each: "n", run: ["tr", "a-z", "A-Z"], in: "a" },
        c: { each: "n", run: ["paste", "-d,", "-", "{in.b}"], in: { stdin: "a", b: "b" } },
        all: { run: ["nl", "-ba", "-w1", "-s:"], in: "c" },
      },
      count: 2,
    });
    const { code, stdout, stderr } = await run(runtime, [flow]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "1:1,1\n2:word,WORD\n3:2,2\n4:word,WORD\n",
      stderr: "",
    });
  });

  // note[…] + text[…] ─▶ b[…]; a member whose file is not there fails
  it("read a file and a value of their own", async () => {
    const flow = over({
      count: 3,
      actors: {
        note: { each: "n", file: "notes/{n}.txt" },
        text: { each: "n", value: { n: "{n}", "%s": 1 } },
        b: { each: "n", run: ["cat", "-", "{in.text}"], in: { stdin: "note", text: "text" } },
      },
      onFailure: "continue",
    });
    mkdirSync(join(flow, "../notes"));
    writeFileSync(join(flow, "../notes/1.txt"), "one\n");
    writeFileSync(join(flow, "../notes/3.txt"), "three\n");
    const { code, stdout, stderr } = await run(runtime, [flow]);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: 'one\n{"n":"1","%s":1}\nthree\n{"n":"3","%s":1}\n',
    });
    expect(stderr).toMatch(/note\[2\][\s\S]*notes\/2\.txt: No such file/);
  });

  // a[…] ─▶ b[…], and a ─▶ out
  it("give on what is read inside a member, too", async () => {
    const script = '[ "$1" != 1 ] || sleep 0.2; echo "a $1"';
    const flow = over({
      count: 4,
      actors: { a: { each: "n", run: shell(script) }, b: { each: "n", run: ["cat"], in: "a" } },
      out: { "-": ["a", "b"] },
    });
    const { stdout } = await run(runtime, [flow, "--processes", "6"]);
    expect(stdout).toBe("a 1\na 2\na 3\na 4\na 1\na 2\na 3\na 4\n");
  });

  // a[…] ─▶ b[…] through a pipe, whose reader leaves first
  it("stop a member's writer when its reader has left", async () => {
    const flow = over({
      count: 3,
      actors: { a: { each: "n", run: ["yes", "{n}"] }, b: { each: "n", run: ["head", "-n1"], in: "a" } },
    });
    expect(await run(runtime, [flow])).toMatchObject({ code: 0, stdout: "1\n2\n3\n", stderr: "" });
  });

  it("take the keys of JSON objects for fields, and leave out empty lines", async () => {
    const flow = join(
      makeFolder({
        "flow.json": {
          sets: { site: { stream: "sites", key: "id" } },
          actors: {
            sites: { value: '{"id":"a","url":"http://a","n":1}\n\n{"url":"http://b","id":"b"}' },
            get: { each: "site", run: ["echo", "{site.id}", "{site.url}", "{site}"] },
          },
        },
      }),
      "flow.json",
    );
    expect(await run(runtime, [flow])).toMatchObject({
      code: 0,
      stdout: "a http://a a\nb http://b b\n",
      stderr: "",
    });
  });
  // a[…] ─▶ b[…], c[…]: a file between the processes of each member, also where what is given on is kept
  it.each([[[]], [["--db", "run.db"]]])("leave nothing of a member that has ended (%j)", async (args) => {
    const count = 'ls "$(dirname "$(readlink /proc/self/fd/0)")" | grep -c "^member-"';
    const flow = over({
      count: 4,
      actors: {
        a: { each: "n", run: ["echo", "{n}"] },
        b: { each: "n", run: ["cat"], in: "a" },
        c: { each: "n", run: ["sh", "-c", count], in: "a" },
      },
      out: { "-": "c", "b.txt": "b" },
    });
    const { code, stdout } = await run(runtime, [flow, "--processes", "1", ...args], {
      cwd: join(flow, ".."),
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "1\n1\n1\n1\n" });
  });

  // the source writes the next record only when the member before has run
  it("start a member as its record comes, and take records no faster than members end", async () => {
    const flow = join(
      makeFolder({
        "flow.json": {
          sets: { n: { stream: "src" } },
          actors: {
            src: {
              run: ["sh", "-c", "for n in 1 2 3; do echo $n; until [ -e ran-$n ]; do sleep 0.02; done; done"],
            },
            one: { each: "n", run: ["sh", "-c", "touch ran-$1; echo $1", "sh", "{n}"] },
          },
        },
      }),
      "flow.json",
    );
    expect(await run(runtime, [flow])).toMatchObject({ code: 0, stdout: "1\n2\n3\n", stderr: "" });
  });

  // src ─▶ one[…] ─▶ out, src ─▶ copy ─▶ out: the copy has to be held while the members take their time
  it("are no part of a ring that would never end", async () => {
    const script = 'BEGIN { for (i = 0; i < 60; i++) printf "%099999d\\n", i }';
    const flow = join(
      makeFolder({
        "flow.json": {
          sets: { n: { stream: "src" } },
          actors: {
            src: { run: ["awk", script] },
            one: { each: "n", run: ["sh", "-c", "echo ${#1}", "sh", "{n}"] },
            copy: { run: ["cat"], in: "src" },
            size: { run: ["wc", "-c"], in: "both" },
            both: { run: ["cat"], in: ["one", "copy"] },
          },
        },
      }),
      "flow.json",
    );
    const { code, stdout, stderr } = await run(runtime, [flow, "--events", "-"]);
    expect({ code, size: Number(stdout) }).toEqual({ code: 0, size: 60 * 100_006 });
    expect(stderr).toContain('"type":"buffer-grown"');
  });

  it("name long lines by their numbers", async () => {
    const line = "x".repeat(2000);
    const flow = join(
      makeFolder({
        "flow.json": {
          sets: { n: { stream: "src" } },
          actors: {
            src: { value: `${line}\n` },
            one: { each: "n", run: shell('echo "${#1} $SLUICE_ACTOR"') },
          },
        },
      }),
      "flow.json",
    );
    expect(await run(runtime, [flow])).toMatchObject({ code: 0, stdout: "2000 one[0]\n", stderr: "" });
  });

  it("end with their processes when the run is stopped", async () => {
    const flow = over({ actors: { one: { each: "n", run: shell('touch "ran-$1"; exec sleep 1000') } } });
    const started = start(runtime, [flow, "--processes", "2"]);
    await until(() => existsSync(join(flow, "../ran-2")), () => started.stderr());
    started.child.kill("SIGTERM");
    expect(await started.ended).toMatchObject({ code: 143, stdout: "" });
    expect(existsSync(join(flow, "../ran-3"))).toBe(false);
  });

  it("carry large outputs of members that wait for their turn", async () => {
    const flow = over({
      count: 4,
      actors: {
        one: {
          each: "n",
          run: shell('[ "$1" != 1 ] || sleep 0.3; head -c 9000000 /dev/zero | tr "\\0" "$1"'),
        },
        sum: { run: ["sha256sum"], in: "one" },
      },
    });
    writeFileSync(join(flow, "../all"), ["1", "2", "3", "4"].map((n) => n.repeat(9_000_000)).join(""));
    const expected = await run(runtime, [
      join(
        makeFolder({
          "flow.json": { actors: { a: { file: join(flow, "../all") }, b: { run: ["sha256sum"], in: "a" } } },
        }),
        "flow.json",
      ),
    ]);
    expect((await run(runtime, [flow, "--processes", "3"])).stdout).toBe(expected.stdout);
  });
});
