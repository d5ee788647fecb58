/** An actor says that the run is over: sources stop, everybody gets Shutdown, what was written is whole. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, run, runtimes, start, until } from "./rig.ts";
import type { Step } from "./scripted.ts";
import { actor } from "./scripted.ts";

/** Finishes when the third record has come; writes each. */
const THIRD = `. as $e | if .message_type == "Record"
  then ({message: .message}, (if .message == 3 then {receiver: "$flow", message_type: "Finish"} else empty end))
  else empty end`;

/** One source that never ends, one that is silent for ever, and a chain from the one to a message actor. */
const ENDLESS = {
  numbers: { sh: "seq 3; exec yes" },
  silent: { sh: "exec sleep 1000" },
  chain: { run: ["cat"], in: ["numbers"] },
  reader: { run: ["jq", "-c", "--unbuffered", THIRD], protocol: "messages", in: "chain" },
  waits: actor([["send", "$timer", "Every", { id: 1, every: "1h" }]], { in: "silent" }),
};

describe.each(runtimes)("Finish on $name", (runtime) => {
  test("ends a flow whose sources never end, and what was written is whole", async () => {
    const folder = makeFolder({ "flow.json": { actors: ENDLESS, out: { "seen.txt": "reader" } } });
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect([code, stderr]).toEqual([0, expect.stringContaining("waits   │ Shutdown")]);
    expect(readFileSync(join(folder, "seen.txt"), "utf8").split("\n").slice(0, 3)).toEqual(["1", "2", "3"]);
  });

  test("says why, and with a code that it has failed", async () => {
    const why: Step = ["send", "$flow", "Finish", { code: 3, reason: "the queue is gone" }];
    const folder = makeFolder({ "flow.json": { actors: { a: actor([why, ["out", 1]]), b: actor() } } });
    const { code, stdout, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect([code, stdout]).toEqual([1, "1\n"]);
    expect(stderr).toContain('Actor "a" ended the run with code 3\n  the queue is gone');
    expect(stderr).toContain("b │ Shutdown");
  });

  test("is told once, however often it is said", async () => {
    const again = `{receiver: "$flow", message_type: "Finish", message: {code: 3, reason: "gone"}}`;
    const folder = makeFolder({
      "flow.json": {
        actors: {
          a: { run: ["jq", "-c", "--unbuffered", `${again}, ${again}`], protocol: "messages" },
          b: actor([["send", "$flow", "Finish", { reason: "all done" }], [
            "send",
            "$flow",
            "Finish",
            { code: 4, reason: "or not" },
          ]]),
        },
      },
    });
    const { code, stderr } = await run(runtime, ["flow.json", "--no-color"], { cwd: folder });
    const count = (text: string) => stderr.split(text).length - 1;
    expect([code, count("gone"), count("with code 3"), count("all done"), count("or not")], stderr)
      .toEqual([1, 1, 1, expect.toSatisfy((times: number) => times <= 1), 1]);
  });

  test("that makes no sense is refused, and the run goes on", async () => {
    const wrong = [{ code: "3" }, { code: 1.5 }, { reason: 5 }, 5, [], "done"];
    const folder = makeFolder({
      "flow.json": {
        actors: {
          a: actor(wrong.map((message) => ["ask", "$flow", "Finish", message, 600_000])),
        },
      },
    });
    const { code, stdout } = await run(runtime, ["flow.json"], { cwd: folder });
    const said = stdout.trim().split("\n").map((line) => JSON.parse(line) as unknown);
    expect([code, said]).toEqual([0, wrong.map(() => ({ answer: null, error: "BAD_FINISH" }))]);
  });

  test("is what a signal is to a flow that serves: endless sources stop too", async () => {
    const counts = { run: ["jq", "-c", "--unbuffered", "{message}"], protocol: "messages", in: "chain" };
    const folder = makeFolder({ "flow.json": { actors: { ...ENDLESS, reader: counts }, out: "reader" } });
    const started = start(runtime, ["flow.json", "--until", "signal"], { cwd: folder });
    await until(() => started.stdout().includes('"y"'), () => "it serves");
    started.child.kill("SIGTERM");
    const { code, stderr } = await started.ended;
    expect([code, stderr]).toEqual([0, expect.stringContaining("waits   │ Shutdown")]);
  });
});
