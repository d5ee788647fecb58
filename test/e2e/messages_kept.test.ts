/** Messages that are delivered at least once: they outlive their actors, and the engine. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, runtimes, start, until } from "./rig.ts";
import { actor } from "./scripted.ts";

function read(folder: string, name: string): readonly string[] {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
}

const KEPT = { delivery: "at-least-once", restart: { intensity: 1000, backoff: "1ms" } };

describe.each(runtimes)("messages of at-least-once on $name", (runtime) => {
  test("come again in their order when their actor has failed", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: {
          a: actor([["repeat", 10, ["send", "b", "T", {
            do: [["once", "killed-INDEX", ["append", "log", "x"], ["kill"]], ["append", "log", "INDEX"]],
          }]]]),
          b: actor([], KEPT),
        },
      },
    });
    const { code, stderr } = await start(runtime, ["flow.json"], { cwd: folder }).ended;
    const log = read(folder, "log");
    expect([log.filter((line) => line !== "x"), log.length > 10, code], stderr).toEqual([
      Array.from({ length: 10 }, (_, index) => String(index)),
      true,
      0,
    ]);
  });

  test("are given up when they were delivered too often", async () => {
    const folder = makeFolder({
      "flow.json": {
        aliases: { "dead-letter": "last" },
        actors: {
          a: actor([["send", "b", "Poison", { do: [["append", "log", "x"], ["kill"]] }], ["send", "b", "T", {
            do: [["append", "log", "fine"]],
          }]]),
          b: actor([], { ...KEPT, retry: { max: 2 } }),
          last: actor(),
        },
      },
    });
    const { code, stdout } = await start(runtime, ["flow.json"], { cwd: folder }).ended;
    expect([read(folder, "log"), code]).toEqual([["x", "x", "fine"], 0]);
    const told = {
      rejected: "Poison",
      reason: "Actor 'b' was given the message 2 times",
      code: "TOO_OFTEN",
    };
    expect(stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line))).toEqual([
      told,
      told,
    ]);
  });

  test("outlive the engine: --resume goes on with them, and with what was saved", async () => {
    const work = { do: [["sleep", 0.05], ["append", "log", "INDEX"]] };
    const last = { do: [["ask", "$state", "Load", {}, 5000]] };
    const folder = makeFolder({
      "flow.json": {
        actors: {
          a: actor([["once", "sent", ["repeat", 20, ["send", "b", "T", work]], ["send", "b", "Last", last], [
            "append",
            "log",
            "sent",
          ]]]),
          b: actor([["once", "saved", ["send", "$state", "Save", { kept: 1 }]]], KEPT),
        },
      },
    });
    const args = ["flow.json", "--db", "run.db"];
    const first = start(runtime, args, { cwd: folder });
    await until(
      () => read(folder, "log").length >= 4 && read(folder, "log").includes("sent"),
      () => "it works",
    );
    first.child.kill("SIGKILL");
    await first.ended;
    const before = read(folder, "log").length;
    const { code, stdout, stderr } = await start(runtime, [...args, "--resume"], { cwd: folder }).ended;
    const numbers = read(folder, "log").filter((line) => line !== "sent");
    expect([code, stdout], stderr).toEqual([0, '{"answer": {"state": {"kept": 1}}, "error": null}\n']);
    expect(before).toBeLessThan(21);
    // What was being handled when the engine was killed may come twice.
    expect([...new Set(numbers)]).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
    expect(numbers.length).toBeLessThan(23);
  });

  test("take up records where the engine before has ended", async () => {
    const records = Array.from(
      { length: 30 },
      (_, index) => `${JSON.stringify({ do: [["sleep", 0.03], ["append", "log", index]] })}\n`,
    );
    const folder = makeFolder({
      "records.txt": records.join(""),
      "flow.json": {
        actors: {
          lines: { file: "records.txt" },
          b: actor([], { ...KEPT, in: "lines", mailbox: { size: 3 } }),
        },
      },
    });
    const args = ["flow.json", "--db", "run.db"];
    const first = start(runtime, args, { cwd: folder });
    await until(() => read(folder, "log").length >= 5, () => "it works");
    first.child.kill("SIGKILL");
    await first.ended;
    const { code, stderr } = await start(runtime, [...args, "--resume"], { cwd: folder }).ended;
    const numbers = read(folder, "log");
    expect([code, [...new Set(numbers)]], stderr).toEqual([
      0,
      Array.from({ length: 30 }, (_, index) => String(index)),
    ]);
    expect(numbers.length).toBeLessThan(34);
  });
});
