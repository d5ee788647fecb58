/** Functions as actors when things go wrong: nothing is lost, nothing comes twice, order is kept. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { makeFolder, root, runFlow, runtimes, start, until } from "./rig.ts";

const STEPS = `
import hashlib, os, time

def step(envelope):
    """Fails, dies, ends, breaks the rules, fans out or goes on to anybody, as the message's name has it."""
    payload, route = envelope["payload"], envelope["route"]
    at = route["current"]
    number = int(hashlib.md5(("%s %d" % (payload, at)).encode()).hexdigest(), 16)
    kind = number % 100
    if kind < 4:
        raise ValueError("bad")
    if kind < 6:
        os._exit(9)
    if kind < 8:
        return None
    if kind < 10:
        route["actors"][0] = "x"
    elif at < 8 and kind < 70:
        route["actors"] = route["actors"][: at + 1] + ["abcd"[(number >> 8) % 4]]
    if kind > 90 and at < 4:
        return [dict(envelope, payload="%s.%d" % (payload, part)) for part in range(3)]
    return dict(envelope, route=route)

def ended(payload):
    return "end " + payload

def failed(payload):
    return "error " + payload["original_payload"]

def fail_first(payload):
    """Fails for a message until it has come twice before."""
    mark = "seen-" + payload
    count = os.path.getsize(mark) if os.path.exists(mark) else 0
    with open(mark, "a") as file:
        file.write("x")
    if payload == "poison" or (payload == "dies" and count < 2):
        os._exit(3)
    if payload == "fails" and count < 2:
        raise ValueError("not yet")
    return payload

def choose_way(envelope):
    return dict(envelope, route={"actors": ["first", "second", "third"], "current": 0})

def pass_on(payload):
    time.sleep(0.003)
    return [payload, payload + "'"] if payload.endswith("5") else payload

def note(payload):
    time.sleep(0.003)
    with open("log", "a") as file:
        file.write(payload + "\\n")

def long(payload):
    return "x" * payload

def message_of(payload):
    return payload["details"]["message"]

def first(payload):
    return payload + " first"

class Accounts:
    def __init__(self):
        self.last = {}

    def book(self, payload):
        account, number = payload["account"], payload["number"]
        isNext = number == self.last.get(account, -1) + 1
        self.last[account] = number
        return {"account": account, "next": isNext, "process": os.getpid()}
`;

const env = {
  PATH: `${join(root, "node_modules", ".bin")}:${process.env["PATH"]}`,
  PYTHONDONTWRITEBYTECODE: "1",
};

function records(values: readonly unknown[]): object {
  return { value: values.map((value) => `${JSON.stringify(value)}\n`).join("") };
}

describe.each(runtimes)("on $name", (runtime) => {
  const run = async (flow: object) => {
    const ended = await runFlow(runtime, flow, { files: { "steps.py": STEPS }, env });
    return {
      ...ended,
      lines: ended.stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)),
    };
  };

  it.each([1, 1000])("every message ends exactly once, with mailboxes of %d", async (size) => {
    const names = [...Array(400).keys()].map(String);
    const step = {
      handler: "steps.step",
      mode: "envelope",
      mailbox: { size },
      restart: { intensity: 1000, period: "1ms", backoff: "1ms" },
    };
    const pool = { ...step, supervisor: { type: "pool", size: 2 } };
    const { code, lines } = await run({
      actors: {
        in: records(names),
        ...{ a: { ...step, in: "in" }, b: pool, c: step, d: pool },
        ...{ end: { handler: "steps.ended" }, error: { handler: "steps.failed" } },
      },
      aliases: { "happy-end": "end", "error-end": "error" },
      out: ["end", "error"],
    });
    const ends = new Map<string, number>();
    for (const line of lines) {
      const [, name] = line.split(" ");
      ends.set(name, (ends.get(name) ?? 0) + 1);
    }
    // A message is at its end itself, or each of the three that were made of it.
    const isEnded = (name: string): boolean =>
      ends.has(name) || (name.split(".").length < 7 && [0, 1, 2].every((part) => isEnded(`${name}.${part}`)));
    expect({
      code,
      lost: names.filter((name) => !isEnded(name)),
      twice: [...ends].filter(([, count]) => count > 1),
      kinds: new Set(lines.map((line) => line.split(" ")[0])),
    }).toEqual({ code: 0, lost: [], twice: [], kinds: new Set(["end", "error"]) });
    expect(lines.length).toBeGreaterThan(names.length);
  });

  it("at least once: a message that fails, or whose process dies, is given again, but not for ever", async () => {
    const { code, lines, stderr } = await run({
      actors: {
        in: records(["a", "fails", "dies", "poison", "b"]),
        work: {
          ...{ handler: "steps.fail_first", in: "in", delivery: "at-least-once", retry: { max: 3 } },
          restart: { intensity: 100, backoff: "1ms" },
        },
      },
      out: "work",
    });
    expect({ code, lines: lines.toSorted() }).toEqual({ code: 1, lines: ["a", "b", "dies", "fails"] });
    expect(stderr).toContain("Actor 'work' was given the message 3 times");
  });

  it("at least once: what was on its way when the engine was killed goes on with the next", async () => {
    const names = [...Array(120).keys()].map(String);
    const kept = { delivery: "at-least-once", mailbox: { size: 2 } };
    const folder = makeFolder({
      "steps.py": STEPS,
      "in.jsonl": names.map((name) => `${JSON.stringify(name)}\n`).join(""),
      "flow.json": {
        actors: {
          in: { file: "in.jsonl" },
          first: { handler: "steps.choose_way", mode: "envelope", in: "in", ...kept },
          second: { handler: "steps.pass_on", ...kept },
          third: { handler: "steps.note", ...kept },
        },
      },
    });
    const log = () => {
      const file = join(folder, "log");
      return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
    };
    const args = [join(folder, "flow.json"), "--db", join(folder, "run.db")];
    for (const [at, resume] of [[10, []], [50, ["--resume"]], [90, ["--resume"]]] as const) {
      const killed = start(runtime, [...args, ...resume], { cwd: folder, env });
      await until(() => log().length >= at || killed.child.exitCode !== null, () => `${log().length}`);
      killed.child.kill("SIGKILL");
      await killed.ended;
    }
    const { code, stderr } = await start(runtime, [...args, "--resume"], { cwd: folder, env }).ended;
    const expected = names.flatMap((name) => name.endsWith("5") ? [name, `${name}'`] : [name]);
    expect({ code, log: [...new Set(log())].toSorted() }, stderr).toEqual({
      code: 0,
      log: expected.toSorted(),
    });
    // Twice comes only what an engine that was killed had under way: at most what three actors and mailboxes held.
    expect(log().length - expected.length).toBeLessThan(60);
  });

  it("a function that is not there fails the flow, and says so; a file is looked for before", async () => {
    const missing = await run({ actors: { in: records([1]), a: { handler: "nowhere.at_all", in: "in" } } });
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("Cannot load 'nowhere.at_all': no module named 'nowhere'");
    expect(missing.stderr).not.toContain("Traceback");
    const file = await run({ actors: { in: records([1]), a: { handler: "nowhere.ts#at_all", in: "in" } } });
    expect(file).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no such file") });
  });

  it("a result that is too long is an error, and the next one is not", async () => {
    const { code, lines } = await run({
      actors: {
        in: records([10, 3_000_000, 2000, 20]),
        long: { handler: "steps.long", in: "in", limits: { message: "1000B" } },
        more: { handler: "steps.first", in: "long" },
        told: { handler: "steps.message_of" },
      },
      aliases: { "error-end": "told" },
      out: ["more", "told"],
    });
    const remedy = '("limits": {"message": …} of actor "long" allows more)';
    const failed = `Cannot read the result: it is longer than 1000 bytes ${remedy}`;
    expect({ code, lines: lines.toSorted() })
      .toEqual({ code: 0, lines: [failed, failed, `${"x".repeat(10)} first`, `${"x".repeat(20)} first`] });
  });

  it("a function that was spawned is a place on a route as well", async () => {
    const grow = `
import json, sys
sys.stdin.readline()  # Start
def say(line):
    print(json.dumps(line), flush=True)
say({"message_type": "Spawn", "receiver": "$spawn", "message_id": "11111111-1111-4111-8111-111111111111",
     "message": {"name": "late", "actor": {"handler": "steps.ended"}}})
sys.stdin.readline()  # Ok
say({"message": "hello", "route": {"actors": ["first", "late"], "current": 0}})
sys.stdin.read()
`;
    const { code, lines } = await run({
      actors: {
        grow: { run: ["python3", "-c", grow], protocol: "messages" },
        first: { handler: "steps.first" },
        last: { handler: "steps.first" },
      },
      aliases: { "happy-end": "last" },
      out: "last",
    });
    expect({ code, lines }).toEqual({ code: 0, lines: ["end hello first first"] });
  });

  it("keyed: what belongs to a key stays in order, in one process", async () => {
    const accounts = ["x", "y", "z", "u", "v"];
    const values = [...Array(100).keys()].flatMap((number) =>
      accounts.map((account) => ({ account, number }))
    );
    const { code, lines } = await run({
      actors: {
        in: records(values),
        book: {
          handler: "steps.Accounts.book",
          in: "in",
          supervisor: { type: "keyed", key: "/account", hosts: 2, idle: "10s" },
        },
      },
      out: "book",
    });
    expect({ code, all: lines.length, inOrder: lines.filter(({ next }) => next).length })
      .toEqual({ code: 0, all: 500, inOrder: 500 });
    expect(new Set(lines.map(({ process: pid }) => pid)).size).toBe(2);
    for (const each of accounts) {
      const own = lines.filter(({ account }) => account === each).map(({ process: pid }) => pid);
      expect(new Set(own).size).toBe(1);
    }
  });
});
