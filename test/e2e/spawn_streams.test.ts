/** What spawned processes read: streams of the flow, and what other spawned ones write. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunResult } from "../../lib/core/result.ts";
import { openDatabase } from "../../lib/host/files/database.ts";
import { makeFolder, run, type Runtime, runtimes } from "./rig.ts";

/** What every script begins with: a step is done when the one before it was answered. */
const PRELUDE = `
import json, sys
def put(**envelope):
    print(json.dumps(envelope), flush=True)
def grow(kind, **message):
    put(receiver="$spawn", message_type=kind, message_id=kind + message.get("name", ""), message=message)
def spawn(name, sh, of, **more):
    grow("Spawn", name=name, actor={"sh": sh, "in": of, **more})
def show(*what):
    put(message=what)
def lines():
    for line in sys.stdin:
        env = json.loads(line)
        if env["message_type"] in ("Record", "Ended"):
            show(env["message_type"], env["message"])
        elif env["message_type"] == "Failure":
            show(env["error"]["code"], env["error"]["message"])
        yield env["message_type"], env["message"]
        put(ack=env["message_id"])
`;

interface Played {
  readonly said: readonly unknown[];
  readonly result: RunResult;
  readonly folder: string;
}

/** Runs a script as the actor `boss` beside others. */
async function play(
  runtime: Runtime,
  script: string,
  { actors = {}, args = [] }: { readonly actors?: object; readonly args?: readonly string[] } = {},
): Promise<Played> {
  const boss = { run: ["python3", "boss.py"], protocol: "messages" };
  const folder = makeFolder({
    "boss.py": PRELUDE + script,
    "flow.json": { actors: { boss, ...actors }, out: "boss" },
  });
  const { code, stdout, stderr } = await run(
    runtime,
    [join(folder, "flow.json"), "--quiet", "--json", ...args.map((arg) => arg.replace("{}", folder))],
  );
  const result = JSON.parse(stderr.trim().split("\n").at(-1) ?? "") as RunResult;
  expect({ code, failures: result.failures }).toEqual({ code: 0, failures: [] });
  return { said: stdout.trim().split("\n").map((line) => JSON.parse(line) as unknown), result, folder };
}

const LINES = 300_000;
const text = Array.from({ length: LINES }, (_, at) => `${at + 1}\n`).join("");
const md5 = (of: string): string => `${createHash("md5").update(of).digest("hex")}  -`;
const backwards = text.trim().split("\n").reverse().join("\n") + "\n";

describe.each(runtimes)("on $name", (runtime) => {
  it("a pipeline of three is grown on streams of the flow, long after they have ended", async () => {
    const actors = {
      read: { sh: `seq ${LINES}; echo all >&3`, keep: true, outputs: { audit: 3 } },
      unread: { run: ["seq", LINES.toString()], keep: true },
      reader: { sh: "wc -l; echo counted", in: ["read", "read.audit"] },
      // The boss begins when it is there: all is over then.
      end: { run: ["tail", "-n", "1"], in: ["reader", "unread"] },
      boss: { run: ["python3", "boss.py"], protocol: "messages", in: "end" },
    };
    const { said } = await play(
      runtime,
      `
for kind, msg in lines():
    if kind == "Record" and msg == ${LINES}:
        spawn("both", "cat", ["read", "read.audit", "unread"])
        spawn("back", "tac", "both")
        spawn("sum", "md5sum", "back")
        grow("Depend", on="sum")
`,
      { actors },
    );
    const all = `${backwards}all\n${backwards}`;
    expect(said).toEqual([
      ["Record", LINES],
      ["Record", md5(all)],
      ["Ended", { name: "sum", state: "done", exit_code: 0 }],
    ]);
  });

  it("what a spawned process writes has one reader, or several when it is kept, each from the beginning", async () => {
    const { said, result } = await play(
      runtime,
      `
for kind, msg in lines():
    if kind == "Start":
        spawn("once", "seq ${LINES}", [])
        spawn("first", "md5sum", "once")
        spawn("second", "cat", "once")
        grow("Depend", on="once")
        spawn("twice", "cat", ["once", "once"])
        spawn("log", "seq ${LINES}", [], keep=True)
        spawn("left", "head -n 1", "log")
        grow("Alias", name="some", to="log")
        spawn("right", "cat | md5sum", ["some", "log"])
        for name in ("first", "left", "right"): grow("Depend", on=name)
    elif kind == "Ended" and msg["name"] == "right":
        spawn("late", "md5sum", "log")
        grow("Depend", on="late")
`,
    );
    const taken = '("keep": true in its definition is for several readers)';
    const refused = (name: string) => `Cannot spawn "${name}": "once" is read already ${taken}`;
    const isFailure = (line: unknown): boolean =>
      Array.isArray(line) && !["Record", "Ended"].includes(String(line[0]));
    expect(said.filter(isFailure)).toEqual([
      ["BAD_ACTOR", refused("second")],
      ["TAKEN", `A process reads 'once' already ${taken}`],
      ["BAD_ACTOR", refused("twice")],
    ]);
    const records = said.filter((line) => Array.isArray(line) && line[0] === "Record").map(String).sort();
    expect(records).toEqual(
      [1, md5(text), md5(text), md5(text + text)].map((record) => `Record,${record}`).sort(),
    );
    expect(result.actors["log"]?.state).toBe("done");
  });

  it("a process whose reader leaves is done, and one that is stopped was stopped", async () => {
    const { said, result } = await play(
      runtime,
      `
for kind, msg in lines():
    if kind == "Start":
        spawn("endless", "exec yes", [])
        spawn("three", "head -n 3; true", "endless")
        grow("Depend", on="three")
    elif kind == "Ended" and msg["name"] == "three":
        spawn("sleeper", "exec sleep 1000", [])
        grow("Depend", on="sleeper")
        grow("Stop", name="sleeper")
`,
    );
    expect(said).toEqual([
      ...Array.from({ length: 3 }, () => ["Record", "y"]),
      ["Ended", { name: "three", state: "done", exit_code: 0 }],
      ["Ended", { name: "sleeper", state: "stopped", exit_code: null }],
    ]);
    expect(result.actors).toMatchObject({
      endless: { state: "done", closedEarly: true },
      three: { state: "done" },
      sleeper: { state: "stopped", signal: "SIGTERM" },
    });
  });

  it("what cannot be read is told with its remedy and what can be", async () => {
    const actors = {
      plain: { run: ["true"] },
      kept: { run: ["echo", "kept"], keep: true },
      word: { value: "word" },
    };
    const { said } = await play(
      runtime,
      `
for kind, msg in lines():
    if kind == "Start":
        spawn("other", "cat", ["word", "kept"])
        for name in ("plain", "nobody", "kept.more", "boss"): spawn("x", "cat", name)
`,
      { actors },
    );
    const can = "(can be read: word, kept, other)";
    expect(said).toEqual([
      'Cannot spawn "x": "plain" is not kept for what is spawned later (write "keep": true for actor "plain")',
      `Cannot spawn "x": there is no stream "nobody" ${can}`,
      `Cannot spawn "x": there is no stream "kept.more" ${can}`,
      'Cannot spawn "x": "boss" talks in messages (a message actor gets its records by "Depend")',
    ].map((message) => ["BAD_ACTOR", message]));
  });

  it("what is spawned is captured", async () => {
    const { folder } = await play(
      runtime,
      `
for kind, msg in lines():
    if kind == "Start":
        grow("Spawn", name="word", actor={"value": "word\\n"})
        spawn("up", "tr a-z A-Z", "word")
        spawn("twice", "tee /dev/stderr", ["up", "kept"])
        grow("Depend", on="twice")
    elif kind == "Ended" and msg["exit_code"] == 0:
        spawn("twice", "echo again; exit 3", [])
        grow("Depend", on="twice")
`,
      { actors: { kept: { run: ["echo", "kept"], keep: true } }, args: ["--db", "{}/run.db"] },
    );
    const database = openDatabase(join(folder, "run.db"));
    const dict = database.prepare("SELECT key, value FROM Dict WHERE key <> 'boss'").all();
    database.close();
    expect(dict.map(({ key, value }) => [key, String(value)])).toEqual([
      ["kept", "kept\n"],
      ["word", "word\n"],
      ["up", "WORD\n"],
      ["twice", "WORD\nkept\n"],
      ["twice (2)", "again\n"],
    ]);
    const shown = await run(runtime, ["inspect", join(folder, "run.db"), "--run", "1"]);
    expect(shown.stdout).toMatch(/├── twice .*\n│ {3}├── up .*\n│ {3}│ {3}├── word .*\n│ {3}├── kept /);
    expect((await run(runtime, ["inspect", join(folder, "run.db"), "up"])).stdout).toBe("WORD\n");
  });
});
