/** States of very many keys, most of them on disk: each is given back as it was. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { KEYED_INSTANCES_MAX } from "../../lib/core/limits/message.ts";
import { makeFolder, root, run, runtimes } from "./rig.ts";

const KEYS = 10_000;
const KEEPER = join(root, "test/fixtures/messages/keeper.py");

const COUNTER = join(root, "test/fixtures/messages/counter.py");
/** More than a keyed actor has at the same time. */
const CROWD = KEYED_INSTANCES_MAX * 1.3;

/** Two records of each key, one after all of the others. */
function flowOf(
  run: readonly string[],
  { keys, hosts = 1, top = {} }: { readonly keys: number; readonly hosts?: number; readonly top?: object },
): object {
  const records =
    `for round in 1 2; do seq ${keys} | sed "s/.*/{\\"k\\":\\"key-&\\",\\"round\\":$round}/"; done`;
  return {
    actors: {
      records: { run: ["sh", "-c", records] },
      many: {
        run: ["python3", ...run],
        protocol: "messages",
        in: "records",
        supervisor: { type: "keyed", key: "/k", hosts },
      },
    },
    ...top,
  };
}

describe.each(runtimes)("states of many keys on $name", (runtime) => {
  test("are given back, each as it was, from memory and from disk", async () => {
    const folder = makeFolder({ "flow.json": flowOf([KEEPER, "3000"], { keys: KEYS }) });
    const { code, stdout, stderr } = await run(runtime, ["flow.json", "--quiet"], { cwd: folder });
    expect([code, stdout, stderr]).toEqual([0, `{"right":${KEYS},"wrong":0}\n`, ""]);
  });

  test("are saved when there are too many keys, by those that acknowledge what the engine says", async () => {
    const folder = makeFolder({ "flow.json": flowOf([COUNTER], { keys: CROWD, hosts: 2 }) });
    const { code, stdout, stderr } = await run(runtime, ["flow.json", "--quiet"], { cwd: folder });
    expect([code, stderr]).toEqual([0, ""]);
    const told = stdout.split("\n").slice(0, -1).map((line) =>
      JSON.parse(line) as Readonly<Record<string, number>>
    );
    const sum = (name: string): number => told.reduce((total, { [name]: count = 0 }) => total + count, 0);
    expect([sum("right"), sum("wrong")]).toEqual([CROWD, 0]);
    expect(sum("most")).toBeLessThan(CROWD);
    expect(sum("activated")).toBeGreaterThan(CROWD);
  });

  test("are kept by those that acknowledge nothing, however many there are", async () => {
    const folder = makeFolder({ "flow.json": flowOf([COUNTER, "silent"], { keys: CROWD }) });
    const { code, stdout, stderr } = await run(runtime, ["flow.json", "--quiet"], { cwd: folder });
    const told = { right: CROWD, wrong: 0, most: CROWD, activated: CROWD };
    expect([code, JSON.parse(stdout), stderr]).toEqual([0, told, ""]);
  });

  test("that have no room end the run: the limit, and what to do, are told", async () => {
    const top = { limits: { memory: "1MiB", spill: "1MiB" } };
    const folder = makeFolder({ "flow.json": flowOf([KEEPER, "3000"], { keys: 2000, top }) });
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect([
      code,
      stderr.includes('Cannot keep the states of actor "many": the limits of the flow are used up'),
    ])
      .toEqual([4, true]);
  });
});
