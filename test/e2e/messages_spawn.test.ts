/** `$spawn`: actors that let the running graph grow, by message actors, processes of bytes and values. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, type Runtime, runtimes } from "./rig.ts";

/** What every script begins with: plain lines of JSON, no library. */
const PRELUDE = `
import json, sys
def put(**envelope):
    print(json.dumps(envelope), flush=True)
def grow(kind, message, id=None):
    put(receiver="$spawn", message_type=kind, message_id=id or kind, message=message)
def show(*what):
    put(message=what)
def jq(program):
    return {"run": ["jq", "-c", "--unbuffered", program], "protocol": "messages"}
def lines():
    for line in sys.stdin:
        env = json.loads(line)
        yield env["message_type"], env["message"], env
        put(ack=env["message_id"])
`;

/** Runs a script as the actor `boss`; gives what it has shown. */
async function play(runtime: Runtime, script: string, told = ""): Promise<readonly unknown[]> {
  const folder = makeFolder({
    "boss.py": PRELUDE + script,
    "flow.json": {
      actors: {
        boss: { run: ["python3", "boss.py"], protocol: "messages", env: { GREETING: "hello" } },
        fixed: { run: ["jq", "-c", "--unbuffered", "empty"], protocol: "messages" },
      },
      out: "boss",
    },
  });
  const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
  const [atOnce = "", atEnd] = stderr.split(/^.* not handled: .*$/m);
  // What cannot be delivered has failed the run, though its sender got it back.
  expect({ code, atOnce, isTold: atEnd !== undefined }).toEqual({
    code: told === "" ? 0 : 1,
    atOnce: told,
    isTold: told !== "",
  });
  return stdout.trim().split("\n").map((line) => JSON.parse(line) as unknown);
}

describe.each(runtimes)("on $name", (runtime) => {
  it("a message actor is spawned, answers, is stopped, and its name is free again", async () => {
    const said = await play(
      runtime,
      `
def times(n):
    return jq('if .message_type == "Work" then {message_type: "Result", receiver: .sender_actor, message: (.message * %d)} else empty end' % n)
factor = 2
for kind, msg, env in lines():
    if kind == "Start":
        grow("Spawn", {"name": "worker", "actor": times(factor)})
    elif kind == "Ok" and env["correlation_id"] == "Spawn":
        put(receiver="worker", message_type="Work", message=21)
    elif kind == "Result":
        show("result", msg, env["sender_actor"])
        grow("Stop", {"name": "worker"})
    elif kind == "Ok" and env["correlation_id"] == "Stop":
        put(receiver="worker", message_type="Work", message=1)
    elif kind == "Reject":
        show("reject", msg["reason"])
        if factor == 2:
            factor = 3
            grow("Spawn", {"name": "worker", "actor": times(factor)})
    elif kind == "Failure":
        # Its last process has not ended yet.
        grow("Spawn", {"name": "worker", "actor": times(factor)})
`,
      `Cannot deliver "Work" of "boss" to "worker": Actor 'worker' was stopped\n`.repeat(2),
    );
    expect(said).toEqual([
      ["result", 42, "worker"],
      ["reject", "Actor 'worker' was stopped"],
      ["result", 63, "worker"],
      ["reject", "Actor 'worker' was stopped"],
    ]);
  });

  it("a process gets values, and who depends on it gets its lines and how it ended", async () => {
    const said = await play(
      runtime,
      `
for kind, msg, env in lines():
    if kind == "Start":
        grow("Spawn", {"name": "args", "actor": {"value": "one\\ntwo\\n"}}, "a")
        grow("Spawn", {"name": "tool", "actor": {"sh": "tr a-z A-Z; echo '{\\"is\\": \\"'$GREETING'\\"}'; exit 3", "in": ["args", "args"]}}, "b")
    elif kind == "Ok" and env["correlation_id"] == "b":
        grow("Depend", {"on": "tool"})
    elif kind in ("Record", "Ended"):
        show(kind, msg)
`,
    );
    expect(said).toEqual([
      ["Record", "ONE"],
      ["Record", "TWO"],
      ["Record", "ONE"],
      ["Record", "TWO"],
      ["Record", { is: "hello" }],
      ["Ended", { name: "tool", state: "failed", exit_code: 3 }],
    ]);
  });

  it("an alias grows under those who depend on it, until they are detached", async () => {
    const said = await play(
      runtime,
      `
steps = [
    ("Spawn", {"name": "one", "actor": {"value": "1"}}),
    ("Spawn", {"name": "two", "actor": {"value": "2"}}),
    ("Spawn", {"name": "three", "actor": {"value": "3"}}),
    ("Alias", {"name": "all", "to": "one"}),
    ("Depend", {"on": "all"}),
    ("Alias", {"name": "all", "to": "two"}),
    ("Detach", {"alias": "all"}),
    ("Alias", {"name": "all", "to": "three"}),
    ("Spawn", {"name": "echo", "actor": {**jq('if .message_type == "Record" then {receiver: "boss", message_type: "Heard", message: .message} else empty end'), "in": "all"}}),
    ("Alias", {"name": "both", "to": "echo"}),
    ("Alias", {"name": "both", "to": "boss"}),
]
for kind, msg, env in lines():
    if kind in ("Start", "Ok"):
        if kind == "Ok" and "alias" in msg: show("detached", msg["name"])
        if steps: grow(*steps.pop(0))
        elif kind == "Ok": put(receiver="both", message_type="Record", message="to both")
    elif kind == "Record": show("record", msg)
    elif kind == "Heard": show("heard", msg)
`,
    );
    const shown = (what: string): readonly unknown[] =>
      said.filter((line) => Array.isArray(line) && line[0] === what);
    expect(shown("detached")).toEqual([["detached", "defunc.1.all"]]);
    expect(shown("record")).toEqual([["record", 1], ["record", 2], ["record", "to both"]]);
    expect(shown("heard")).toEqual([
      ["heard", 1],
      ["heard", 2],
      ["heard", 3],
      ["heard", "to both"],
    ]);
  });

  it("what cannot be is told to who asked for it, and nothing is started", async () => {
    const said = await play(
      runtime,
      `
wrong = [
    ("Spawn", {"name": "boss", "actor": {"value": 1}}),
    ("Spawn", {"name": "fixed", "actor": {"value": 1}}),
    ("Spawn", {"name": "x y", "actor": {"value": 1}}),
    ("Spawn", {"name": "x"}),
    ("Spawn", {"name": "x", "actor": {"run": ["true"], "protokol": 1}}),
    ("Spawn", {"name": "x", "actor": {"run": ["cat"], "workers": 2}}),
    ("Spawn", {"name": "x", "actor": {"run": ["cat"], "in": "nobody"}}),
    ("Spawn", {"name": "x", "actor": {"run": ["no-such-program"]}}),
    ("Spawn", {"name": "x", "actor": {**jq("."), "in": "nobody"}}),
    ("Depend", {"on": "nobody"}),
    ("Alias", {"name": "fixed", "to": "boss"}),
    ("Alias", {"name": "a", "to": "nobody"}),
    ("Detach", {"alias": "nobody"}),
    ("Stop", {"name": "nobody"}),
    ("Shrink", {}),
]
for kind, msg, env in lines():
    if kind == "Failure": show(env["error"]["code"], env["error"]["message"])
    elif kind == "Reject": show(msg["code"], msg["reason"])
    if kind in ("Start", "Failure", "Reject") and wrong: grow(*wrong.pop(0))
`,
      'Cannot deliver "Shrink" of "boss" to "$spawn": Unknown message type: Shrink\n',
    );
    expect(said).toEqual([
      ["EXISTS", "Actor 'boss' is there already"],
      ["EXISTS", "Actor 'fixed' is there already"],
      ["BAD_ACTOR", expect.stringContaining('Cannot spawn "x y": ')],
      ["BAD_ACTOR", 'Cannot spawn "x": there is no definition (expected "actor": {"run": […], …})'],
      ["BAD_ACTOR", expect.stringContaining('did you mean "protocol"?')],
      ["BAD_ACTOR", 'Cannot spawn "x": "workers" cannot be used for an actor that is spawned'],
      [
        "BAD_ACTOR",
        'Cannot spawn "x": there is no stream "nobody" (none can be read: "keep": true keeps that of an actor)',
      ],
      ["BAD_ACTOR", 'Cannot spawn "x": there is no such program in PATH: "no-such-program"'],
      ["NO_ACTOR", "Actor 'nobody' not found"],
      ["NO_ACTOR", "Actor 'nobody' not found"],
      ["EXISTS", "Actor 'fixed' is there already"],
      ["NO_ACTOR", "Actor 'nobody' not found"],
      ["NO_ALIAS", "Alias 'nobody' not found"],
      ["NO_ACTOR", "Actor 'nobody' not found"],
      ["NOT_UNDERSTOOD", "Unknown message type: Shrink"],
    ]);
  });
});
