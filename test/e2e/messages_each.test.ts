/** Keyed actors with a process for each key: how many of them there are at the same time. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EACH_PROCESSES_MAX } from "../../lib/core/limits/message.ts";
import { makeFolder, run, runtimes } from "./rig.ts";

/** Acknowledges all that it is given, the words of the engine too. */
const ACKNOWLEDGES = ["sed", "-un", 's/.*"message_id":"\\([^"]*\\)".*/{"ack":"\\1"}/p'];

/** The most that lived at the same time, and how many keys had a process. */
function countAlive(events: string): { readonly most: number; readonly keys: number } {
  const alive = new Set<string>();
  const keys = new Set<string>();
  let most = 0;
  for (const line of events.trim().split("\n")) {
    const { type, key, state } = JSON.parse(line);
    if (type !== "actor-state" || key === undefined) continue;
    keys.add(key);
    if (state === "inactive" || state === "stopped") alive.delete(key);
    else alive.add(key);
    most = Math.max(most, alive.size);
  }
  return { most, keys: keys.size };
}

describe.each(runtimes)("on $name", (runtime) => {
  it("processes of keys are let go when there are many, and every message is handled", async () => {
    const keys = EACH_PROCESSES_MAX + 10;
    const supervisor = { type: "keyed", key: "", hosts: "each" };
    const folder = makeFolder({
      "flow.json": {
        actors: {
          keys: { run: ["seq", String(keys)] },
          one: { run: ACKNOWLEDGES, in: "keys", protocol: "messages", supervisor },
        },
        out: "one",
      },
    });
    const { code, stderr } = await run(runtime, ["flow.json", "--quiet", "--events", "events"], {
      cwd: folder,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const events = readFileSync(join(folder, "events"), "utf8");
    expect(countAlive(events)).toEqual({ most: EACH_PROCESSES_MAX, keys });
  });
});
