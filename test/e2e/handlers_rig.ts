/** Flows whose actors are plain functions: the functions, and how such a flow is run. */
import { join } from "node:path";
import process from "node:process";
import { root, runFlow, type Runtime } from "./rig.ts";

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

/** It takes longer to load than its function may. */
const LATE = "import time\ntime.sleep(4)\n\n\ndef give(payload):\n    return payload\n";

/** Runs a flow whose source `in` has the given values as its records. */
export async function runHandlers(
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
