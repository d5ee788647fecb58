/** Actors over the records of a stream, as a user runs them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runtimes, start, until } from "./rig.ts";

/** `sh -c` with the record as `$1`. */
function shell(script: string, ...more: readonly string[]): readonly string[] {
  return ["sh", "-c", script, "sh", "{n}", ...more];
}

/** A flow over the numbers up to `count`. */
function over(
  { count = 5, sets = {}, actors, ...flow }: {
    readonly count?: number;
    readonly sets?: object;
    readonly actors: object;
    readonly [key: string]: unknown;
  },
): string {
  const all = { seq: { run: ["seq", String(count)] }, ...actors };
  return join(
    makeFolder({ "flow.json": { ...flow, sets: { n: { stream: "seq", ...sets } }, actors: all } }),
    "flow.json",
  );
}

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

  it("fail the flow by the name of the member", async () => {
    const flow = over({
      count: 1000,
      actors: { one: { each: "n", run: shell('[ "$1" != 3 ] || exit 7; echo "$1"') } },
    });
    const { code, stdout, stderr } = await run(runtime, [flow, "--processes", "1"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "1\n2\n" });
    expect(stderr).toContain('Actor "one[3]" failed: exit 7');
  });

  it("leave out members that fail, and tell them, when the flow goes on", async () => {
    const flow = over({
      onFailure: "continue",
      actors: {
        one: { each: "n", run: shell('echo "begun $1"; [ $(($1 % 2)) = 1 ] || exit 7') },
        two: { each: "n", run: ["cat"], in: "one" },
      },
      out: { "all.txt": "two" },
    });
    const { code, stderr } = await run(runtime, [flow]);
    expect(code).toBe(1);
    expect(stderr).toContain('Actor "one[2]" failed: exit 7');
    expect(stderr).toContain('Actor "one[4]" failed: exit 7');
    expect(readFileSync(join(flow, "../all.txt"), "utf8")).toBe("begun 1\nbegun 3\nbegun 5\n");
  });

  it("tell how many have ended, and how", async () => {
    const flow = over({
      count: 40,
      onFailure: "continue",
      actors: {
        one: { each: "n", run: shell("[ $(($1 % 4)) != 0 ] || exit 7") },
        two: { each: "n", run: ["cat"], in: "one" },
      },
    });
    const { code, stderr } = await run(runtime, [flow, "--json", "--quiet"]);
    const { actors } = JSON.parse(stderr.slice(stderr.indexOf("\n{") + 1));
    expect({ code, one: actors.one, two: actors.two }).toMatchObject({
      code: 1,
      one: { state: "failed", processes: 40, members: { done: 30, failed: 10 } },
      two: { state: "done", members: { failed: 0 } },
    });
  });

  it("have a time and limits of their own", async () => {
    const late = over({ count: 1, actors: { one: { each: "n", run: ["sleep", "1000"], timeout: "200ms" } } });
    const { code, stderr } = await run(runtime, [late]);
    expect(code).toBe(4);
    expect(stderr).toContain('"one[1]"');
    const few = over({
      count: 2,
      actors: { one: { each: "n", run: shell("ulimit -n"), limits: { files: 32 } } },
    });
    expect(await run(runtime, [few])).toMatchObject({ code: 0, stdout: "32\n32\n" });
  });

  // What a member has left behind writes when its own end was told, and nothing was there yet.
  it("wait for what is written after the end of a process", async () => {
    const flow = over({
      count: 20,
      actors: { one: { each: "n", run: shell("(sleep 0.05; echo $1) & exit 0") } },
    });
    const { code, stdout } = await run(runtime, [flow, "--processes", "4"]);
    expect({ code, lines: stdout.trim().split("\n").map(Number).sort((a, b) => a - b) }).toEqual({
      code: 0,
      lines: Array.from({ length: 20 }, (_, at) => at + 1),
    });
  });

  it("run a failed process of a member again, and give on what the last try has written", async () => {
    const script = 'echo "$1 try $SLUICE_EACH_N"; [ -e "ran-$1" ] || { touch "ran-$1"; exit 1; }';
    const flow = over({
      count: 3,
      actors: {
        a: { each: "n", run: shell(script), retry: { max: 1, backoff: "1ms" } },
        b: { each: "n", run: ["sed", "s/try/done/"], in: "a" },
      },
      out: { "-": ["b", "a"] },
    });
    const { code, stdout } = await run(runtime, [flow, "--quiet"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "1 done 1\n2 done 2\n3 done 3\n1 try 1\n2 try 2\n3 try 3\n",
    });
  });

  it("hold each process to its time by itself", async () => {
    const flow = over({
      count: 3,
      actors: {
        one: { each: "n", run: shell('[ "$1" != 2 ] || exec sleep 1000; echo "$1"'), timeout: "5s" },
      },
    });
    const { code, stdout, stderr } = await run(runtime, [flow, "--processes", "1"]);
    expect({ code, stdout }).toEqual({ code: 4, stdout: "1\n" });
    expect(stderr).toContain('Actor "one[2]" has run for 5 s, its timeout');
  });

  // standard input without an end ─▶ one[…] ─▶ first, which reads two lines
  it("take no more records when nobody reads what their members write", async () => {
    const flow = join(
      makeFolder({
        "flow.json": {
          sets: { n: { stream: "src" } },
          actors: {
            src: { run: ["yes"] },
            one: { each: "n", run: ["echo", "{n}", "{n.index}"] },
            first: { run: ["head", "-n2"], in: "one" },
          },
        },
      }),
      "flow.json",
    );
    expect(await run(runtime, [flow])).toMatchObject({ code: 0, stdout: "y 0\ny 1\n", stderr: "" });
  });

  it("tell a record that is no member, and why", async () => {
    const flow = over({ sets: { key: "id" }, actors: { one: { each: "n", run: ["echo", "{n.id}"] } } });
    const { code, stderr } = await run(runtime, [flow]);
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot make actor "one[0]": record 1 of set "n" has no "id"');
  });

  // one[…] ─▶ files, and ─▶ two[…]
  it("put a file of out in place for each member, once, inside its folder", async () => {
    const flowOf = (...ids: readonly string[]): string =>
      join(
        makeFolder({
          "flow.json": {
            sets: { n: { stream: "ids" } },
            actors: {
              ids: { value: ids.map((id) => `${JSON.stringify({ id, t: id.toUpperCase() })}\n`).join("") },
              one: { each: "n", run: ["echo", "got {n.t}"] },
              two: { each: "n", run: ["tr", "a-z", "A-Z"], in: "one" },
            },
            out: { "made/{n.id}/x.txt": "one", "-": "two" },
          },
        }),
        "flow.json",
      );
    const good = flowOf("a", "b");
    expect(await run(runtime, [good])).toMatchObject({ code: 0, stdout: "GOT A\nGOT B\n", stderr: "" });
    expect(["a", "b"].map((id) => readFileSync(join(good, `../made/${id}/x.txt`), "utf8")))
      .toEqual(["got A\n", "got B\n"]);
    const twice = flowOf("a", "a");
    const again = await run(runtime, [twice, "--processes", "1"]);
    expect({ code: again.code, out: readdirSync(join(twice, "../made/a")) }).toEqual({
      code: 1,
      out: ["x.txt"],
    });
    expect(again.stderr).toContain("another member of this run has written it");
    const outside = flowOf("..");
    const refused = await run(runtime, [outside]);
    expect({ code: refused.code, made: existsSync(join(outside, "../made")) }).toEqual({
      code: 1,
      made: false,
    });
    expect(refused.stderr).toContain('"{n.id}" is "..", which leads out of the folder');
  });

  // one[…] ─▶ two[…], and both given out
  it("run only those members again that were not done when a run is resumed", async () => {
    const script = 'echo "$1" >> ran; [ "$1" != 3 ] || [ -e ok ] || exit 7; echo "out $1"';
    const flow = over({
      actors: {
        one: { each: "n", run: shell(script) },
        two: { each: "n", run: ["tr", "a-z", "A-Z"], in: "one" },
      },
      out: { "-": ["two", "one"] },
    });
    const folder = join(flow, "..");
    const args = [flow, "--db", join(folder, "run.db"), "--processes", "1"];
    expect((await run(runtime, args)).code).toBe(1);
    expect(readFileSync(join(folder, "ran"), "utf8")).toBe("1\n2\n3\n");
    writeFileSync(join(folder, "ok"), "");
    const { code, stdout, stderr } = await run(runtime, [...args, "--resume"]);
    const numbers = [1, 2, 3, 4, 5];
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: [...numbers.map((n) => `OUT ${n}\n`), ...numbers.map((n) => `out ${n}\n`)].join(""),
      stderr: "",
    });
    expect(readFileSync(join(folder, "ran"), "utf8")).toBe("1\n2\n3\n3\n4\n5\n");
    expect(existsSync(join(folder, "run.db.members"))).toBe(false);
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
