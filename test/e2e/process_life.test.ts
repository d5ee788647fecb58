/** What becomes of a process, whoever it is of: the same verdict, and nobody waits for what it has left behind. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runFlow, runtimes } from "./rig.ts";

/** Spawns an actor, says what becomes of it and ends. */
const SPAWNER = `
import json, sys
def put(**envelope):
    print(json.dumps(envelope), flush=True)
for line in sys.stdin:
    env = json.loads(line)
    kind, message = env["message_type"], env["message"]
    if kind == "Start":
        put(receiver="$spawn", message_type="Spawn", message_id="spawn", message={"name": "tool", "actor": message["args"]["tool"]})
    elif kind == "Ok" and env["correlation_id"] == "spawn":
        put(receiver="$spawn", message_type="Depend", message={"on": "tool"})
    elif kind == "Ended":
        put(message=message)
    put(ack=env["message_id"])
`;

describe.each(runtimes)("on $name", (runtime) => {
  /** How a process has ended that was spawned, as its spawner is told. */
  async function spawn(tool: object): Promise<unknown> {
    const actors = { boss: { run: ["python3", "boss.py"], protocol: "messages", args: { tool } } };
    const folder = makeFolder({ "boss.py": SPAWNER, "flow.json": { actors, out: "boss" } });
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json"), "--quiet"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "tool │ late\n" });
    return JSON.parse(stdout);
  }

  it("a spawned process ends when it has, though a child keeps its standard error open", async () => {
    const ended = await spawn({ sh: "sleep 1000 > /dev/null & echo late >&2; exit 3" });
    expect(ended).toEqual({ name: "tool", state: "failed", exit_code: 3 });
  });

  it.each([
    { limit: "timeout", carriers: "a pipe", reader: { run: ["cat"], in: "a" } },
    { limit: "stall", carriers: "a pipe", reader: { run: ["cat"], in: "a" } },
    {
      limit: "timeout",
      carriers: "relays",
      reader: { run: ["cat", "{in.same}", "-"], in: { stdin: "a", same: "a" } },
    },
  ])(
    "a $limit holds for what a process leaves behind that keeps $carriers open",
    async ({ limit, reader }) => {
      const script = "setsid sh -c 'trap \"\" TERM; sleep 1000' & echo hi";
      const actors = { a: { sh: script, [limit]: "500ms" }, b: reader };
      for (const onFailure of ["stop", "continue"]) {
        const { code, stdout, stderr } = await runFlow(runtime, { grace: "100ms", onFailure, actors });
        expect(stderr).toMatch(/^Actor "a" has (run for 500 ms, its timeout|moved no byte for 500 ms)/);
        expect(stderr).toMatch(/\n {4}a {2}sleeps\n/);
        expect(code).toBe(4);
        if (onFailure === "continue") expect(stdout).toMatch(/^(hi\n)+$/);
      }
    },
  );

  it("a limit of time that was kept is kept, whatever is left behind that writes to nobody", async () => {
    const a = { sh: "(sleep 1; echo late) > /dev/null & echo hi", timeout: "500ms" };
    const { code, stdout } = await runFlow(runtime, { actors: { a, b: { sh: "cat; sleep 1", in: "a" } } });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "hi\n" });
  });

  it("a process that ends well when its time is over has failed, and is run again", async () => {
    const again = {
      sh: 'echo >> tries; trap "exit 0" TERM; echo part; [ $(wc -l < tries) -ge 2 ] || sleep 1000; echo rest',
      retry: { max: 1, backoff: "1ms" },
      timeout: "1s",
    };
    const { code, stdout, stderr } = await runFlow(runtime, { actors: { again } });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "part\nrest\n" });
    expect(stderr).toMatch(/has run for 1 s, its timeout; try 2 of 2/);
  });
});
