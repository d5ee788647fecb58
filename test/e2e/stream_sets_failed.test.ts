/** Members of a stream that fail, are run again, leave files, or are gone on with. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { over, shell } from "./numbers_rig.ts";
import { makeFolder, run, runtimes } from "./rig.ts";

describe.each(runtimes)("members of a stream on $name", (runtime) => {
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
});
