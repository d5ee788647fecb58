/** Plain functions as actors of a flow, and messages on their routes. */
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { root, runFlow, type Runtime, runtimes } from "./rig.ts";

const STEPS = `
import os, time

def echo(payload):
    return payload

def split(payload):
    return payload.split()

def drop(payload):
    return None

def fail(payload):
    raise ValueError("bad " + str(payload))

def choose(envelope):
    """Adds actors by what the message says."""
    payload, route = envelope["payload"], envelope["route"]
    route["actors"] = route["actors"] + payload["via"]
    return {"payload": payload["value"], "route": route, "headers": {"from": "choose"}}

def show(envelope):
    route = envelope["route"]
    shown = {
        "payload": envelope["payload"],
        "at": route["actors"][: route["current"]],
        "parent": "parent_id" in envelope and envelope["id"].startswith(envelope["parent_id"] + "-"),
        "headers": envelope["headers"],
    }
    return {"payload": shown, "route": route}

def steal(envelope):
    envelope["route"]["actors"][0] = "thief"
    return envelope

def good_and_bad(envelope):
    good = {"payload": "good", "route": envelope["route"]}
    return [good, {"payload": "bad", "route": {"actors": ["x"], "current": 0}}]

def to_nobody(envelope):
    return dict(envelope, route={"actors": envelope["route"]["actors"] + ["nobody"], "current": 0})

def round_and_round(envelope):
    route = envelope["route"]
    return dict(envelope, route=dict(route, actors=route["actors"] + [route["actors"][0]]))

def choose_and_move(envelope):
    chosen = choose(envelope)
    chosen["route"]["current"] += 2
    return chosen

def slow(payload):
    if payload == "slow":
        time.sleep(60)
    return payload

def crash(payload):
    if payload == "crash":
        os._exit(7)
    return payload

class Counter:
    def __init__(self):
        self.count = 0

    def next(self, payload):
        self.count += 1
        return [payload, self.count]

def pid(payload):
    time.sleep(0.02)
    return os.getpid()
`;

/** Asks an actor that is no function, with a way for the question, and writes what comes back to its stream. */
const ASKER = `
import json, sys, uuid
sys.stdin.readline()  # Start
for actors in (["split"], ["upper", "split"], ["drop"], ["upper", "fail"], ["crash"]):
    payload = "crash" if actors == ["crash"] else "a b"
    line = {"message_type": "Ask", "message_id": str(uuid.uuid4()), "headers": {"ask": 20000, "trace": 1},
            "receiver": actors[0], "route": {"actors": actors, "current": 0}, "message": payload}
    print(json.dumps(line), flush=True)
    reply = json.loads(sys.stdin.readline())
    assert reply["correlation_id"] == line["message_id"], reply
    print(json.dumps({"message": reply.get("error") or [reply["message"]]}), flush=True)
sys.stdin.read()
`;

const SCRIPT = `
export const upper = (text: string) => text.toUpperCase();
export async function* letters(text: string) {
  for (const letter of text) yield await Promise.resolve(letter);
}
export class Counter {
  #count = 0;
  next(payload: unknown) {
    this.#count += 1;
    return { payload, count: this.#count };
  }
}
`;

const env = {
  PATH: `${join(root, "node_modules", ".bin")}:${process.env["PATH"]}`,
  PYTHONDONTWRITEBYTECODE: "1",
};

/** Runs a flow whose source \`in\` has the given values as its records. */
/** It takes longer to load than its function may. */
const LATE = "import time\ntime.sleep(4)\n\n\ndef give(payload):\n    return payload\n";

async function runWith(
  runtime: Runtime,
  values: readonly unknown[],
  { args = [], ...flow }: {
    readonly args?: readonly string[];
    readonly actors: object;
    readonly [key: string]: unknown;
  },
) {
  const input = { value: values.map((value) => `${JSON.stringify(value)}\n`).join("") };
  const files = { "steps.py": STEPS, "late.py": LATE, "script.ts": SCRIPT, "asker.py": ASKER };
  const ended = await runFlow(runtime, { ...flow, actors: { in: input, ...flow.actors } }, {
    files,
    env,
    args,
  });
  return {
    ...ended,
    lines: ended.stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)),
  };
}

describe.each(runtimes)("on $name", (runtime) => {
  it("a function maps records; several results are several records, None is none", async () => {
    const { code, lines, stderr } = await runWith(runtime, ["a b", "c"], {
      actors: {
        split: { handler: "steps.split", in: "in" },
        upper: { handler: "script.ts#upper", in: "split" },
        letters: { handler: "./script.ts#letters", in: "split" },
        drop: { handler: "steps.drop", in: "split" },
      },
      out: ["upper", "letters", "drop"],
    });
    expect({ code, stderr, lines: lines.toSorted() })
      .toEqual({ code: 0, stderr: "", lines: ["A", "B", "C", "a", "b", "c"] });
  });

  it("functions of classes keep their state", async () => {
    const { lines } = await runWith(runtime, ["x", "y"], {
      actors: {
        python: { handler: "steps.Counter.next", in: "in" },
        script: { handler: "script.ts#Counter.next", in: "in" },
      },
      out: ["python", "script"],
    });
    expect(lines.filter((line) => typeof line !== "object")).toEqual(["x", 1, "y", 2]);
    expect(lines.filter((line) => typeof line === "object"))
      .toEqual([{ payload: "x", count: 1 }, { payload: "y", count: 2 }]);
  });

  it("a message goes from actor to actor, and past the end to happy-end", async () => {
    const { code, lines, stderr } = await runWith(runtime, [
      { value: "a b", via: ["split", "upper", "show"] },
      { value: "c", via: [] },
      { value: "d", via: ["upper", "drop", "show"] },
    ], {
      actors: {
        choose: { handler: "steps.choose", mode: "envelope", in: "in" },
        split: { handler: "steps.split" },
        upper: { handler: "script.ts#upper" },
        show: { handler: "steps.show", mode: "envelope" },
        drop: { handler: "steps.drop" },
        end: { handler: "steps.show", mode: "envelope" },
      },
      aliases: { "happy-end": "end" },
      out: "end",
    });
    const headers = { from: "choose" };
    const way = ["choose", "split", "upper", "show"];
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(lines.toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)).toEqual([
      // What ended on the way comes as it was.
      { payload: "D", at: ["choose", "upper"], parent: false, headers },
      { payload: "c", at: ["choose"], parent: false, headers },
      {
        payload: { payload: "A", at: way.slice(0, 3), parent: false, headers },
        at: way,
        parent: false,
        headers,
      },
      {
        payload: { payload: "B", at: way.slice(0, 3), parent: true, headers },
        at: way,
        parent: true,
        headers,
      },
    ]);
  });

  it("what goes wrong goes to error-end, with what went in, and nothing of it goes on", async () => {
    const actors = ["fail", "steal", "good_and_bad", "to_nobody"];
    const { code, lines } = await runWith(runtime, ["x"], {
      actors: {
        ...Object.fromEntries(actors.map((name) => [name, {
          handler: `steps.${name}`,
          mode: name === "fail" ? "payload" : "envelope",
          in: "in",
        }])),
        errors: { handler: "steps.echo" },
      },
      aliases: { "error-end": "errors" },
      out: [...actors, "errors"],
    });
    const failed = (message: string) => ({
      error: "processing_error",
      details: expect.objectContaining({ message: expect.stringContaining(message) }),
      original_payload: "x",
    });
    expect(code).toBe(0);
    expect(lines.toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)).toEqual([
      failed("Invalid output envelope[0/1]: Actor 'nobody' not found"),
      failed(
        "Invalid output envelope[0/1]: Route modification error: already-processed actors cannot be erased. " +
          "Input route had ['steal'] (actors 0-0), but output route starts with ['thief'].",
      ),
      failed("Invalid output envelope[1/2]: Route modification error"),
      failed("bad x"),
    ]);
  });

  it("without error-end a failure is told, and the others go on", async () => {
    const { code, lines, stderr } = await runWith(runtime, ["a", "b"], {
      actors: { fail: { handler: "steps.fail", in: "in" }, upper: { handler: "script.ts#upper", in: "in" } },
      out: ["fail", "upper"],
    });
    expect({ code, lines }).toEqual({ code: 1, lines: ["A", "B"] });
    expect(stderr).toContain("processing_error: bad a");
    expect(stderr).toContain(
      '2 messages "Record" of a stream to "fail" were not handled: processing_error: bad',
    );
  });

  it("a function that takes too long is ended; what waits for it is not lost", async () => {
    const { code, lines } = await runWith(runtime, ["a", "slow", "b", "slow", "c"], {
      actors: {
        slow: { handler: "steps.slow", in: "in", timeout: "700ms" },
        errors: { handler: "steps.echo" },
      },
      aliases: { "error-end": "errors" },
      out: ["slow", "errors"],
    });
    const late = {
      error: "timeout_error",
      details: { message: "Handler has not ended within 0.7s" },
      original_payload: "slow",
    };
    expect(code).toBe(0);
    expect(lines.filter((line) => typeof line === "string")).toEqual(["a", "b", "c"]);
    expect(lines.filter((line) => typeof line !== "string")).toEqual([late, late]);
  });

  it("the time of a function begins when its process is ready", async () => {
    const { code, lines, stderr } = await runWith(runtime, ["a"], {
      actors: { late: { handler: "late.give", in: "in", timeout: "3s" } },
    });
    expect([code, lines], stderr).toEqual([0, ["a"]]);
  });

  it("a process that ends while it has a message is replaced; that message is an error, the others are not", async () => {
    const { code, lines } = await runWith(runtime, ["a", "crash", "b", "c"], {
      actors: {
        crash: { handler: "steps.crash", in: "in", restart: { backoff: "1ms" } },
        errors: { handler: "steps.echo" },
      },
      aliases: { "error-end": "errors" },
      out: ["crash", "errors"],
    });
    expect(code).toBe(0);
    expect(lines.filter((line) => typeof line === "string")).toEqual(["a", "b", "c"]);
    expect(lines.filter((line) => typeof line !== "string")).toEqual([{
      error: "processing_error",
      details: { message: "Actor 'crash' ended while it handled the message" },
      original_payload: "crash",
    }]);
  });

  it("a message that goes round for ever is stopped", async () => {
    const { code, lines } = await runWith(runtime, [0], {
      actors: {
        round: { handler: "steps.round_and_round", mode: "envelope", in: "in" },
        errors: { handler: "steps.echo" },
      },
      aliases: { "error-end": "errors" },
      out: ["round", "errors"],
    });
    expect({ code, lines }).toEqual({
      code: 0,
      lines: [{
        error: "processing_error",
        details: {
          message:
            'Invalid output envelope[0/1]: Cannot send a message on to "round": it has passed 1000 actors (expected an end before)',
        },
        original_payload: 0,
      }],
    });
  });

  it("lenient: handlers move themselves; unchecked: they may do anything", async () => {
    const run = async (validate: unknown) => {
      const { lines } = await runWith(runtime, [{ value: 1, via: ["first", "second", "third"] }], {
        actors: {
          choose: { handler: "steps.choose_and_move", mode: "envelope", validate, in: "in" },
          first: { handler: "steps.fail" },
          second: { handler: "steps.show", mode: "envelope" },
          third: { handler: "steps.show", mode: "envelope" },
        },
        out: ["second", "third"],
      });
      return lines.map(({ at, payload }) => [at, payload.at]);
    };
    // From the second it goes on to the third by itself, with what the second has shown.
    expect(await run("lenient")).toEqual([[["choose", "first", "second"], ["choose", "first"]]]);
    expect(await run(false)).toEqual([[["choose", "first", "second"], undefined]]);
  });

  it("who asks gets the answer of the last actor of the route, or the error", async () => {
    const { code, lines } = await runWith(runtime, [], {
      actors: {
        asker: { run: ["python3", "asker.py"], protocol: "messages" },
        upper: { handler: "script.ts#upper" },
        split: { handler: "steps.split" },
        drop: { handler: "steps.drop" },
        fail: { handler: "steps.fail" },
        crash: { handler: "steps.crash" },
        errors: { handler: "steps.echo" },
      },
      aliases: { "error-end": "errors", "happy-end": "errors" },
      out: ["asker", "errors"],
    });
    const error = (message: string) => expect.objectContaining({ code: "processing_error", message });
    expect({ code, lines }).toEqual({
      code: 0,
      lines: expect.arrayContaining([
        ["a"],
        ["A"],
        [null],
        error("bad A B"),
        error("Actor 'crash' ended while it handled the message"),
        // Of several answers the first is for who asked; the others are at their end.
        "b",
        "B",
      ]),
    });
    expect(lines.length).toBe(7);
  });

  it("a pool shares the work", async () => {
    const { lines } = await runWith(runtime, [...Array(60).keys()], {
      actors: { pid: { handler: "steps.pid", in: "in", supervisor: { type: "pool", size: 3 } } },
      out: "pid",
    });
    expect({ messages: lines.length, processes: new Set(lines).size }).toEqual({
      messages: 60,
      processes: 3,
    });
  });
});
