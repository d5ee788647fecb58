/** States of very many keys, most of them on disk: each is given back as it was. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, root, run, runtimes } from "./rig.ts";

const KEYS = 10_000;
const KEEPER = join(root, "test/fixtures/messages/keeper.py");

function flowOf(size: number, { keys, top = {} }: { readonly keys: number; readonly top?: object }): object {
  const records =
    `for round in 1 2; do seq ${keys} | sed "s/.*/{\\"k\\":\\"key-&\\",\\"round\\":$round}/"; done`;
  return {
    actors: {
      records: { run: ["sh", "-c", records] },
      many: {
        run: ["python3", KEEPER, size.toString()],
        protocol: "messages",
        in: "records",
        supervisor: { type: "keyed", key: "/k", hosts: 1 },
      },
    },
    ...top,
  };
}

describe.each(runtimes)("states of many keys on $name", (runtime) => {
  test("are given back, each as it was, from memory and from disk", async () => {
    const folder = makeFolder({ "flow.json": flowOf(3000, { keys: KEYS }) });
    const { code, stdout, stderr } = await run(runtime, ["flow.json", "--quiet"], { cwd: folder });
    expect([code, stdout, stderr]).toEqual([0, `{"right":${KEYS},"wrong":0}\n`, ""]);
  });

  test("that have no room end the run: the limit, and what to do, are told", async () => {
    const top = { limits: { memory: "1MiB", spill: "1MiB" } };
    const folder = makeFolder({ "flow.json": flowOf(3000, { keys: 2000, top }) });
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect([
      code,
      stderr.includes('Cannot keep the states of actor "many": the limits of the flow are used up'),
    ])
      .toEqual([4, true]);
  });
});
