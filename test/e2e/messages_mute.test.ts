/** An actor that acknowledges, closes its standard output and reads on: what it takes then nobody can know to be done. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, run, runtimes } from "./rig.ts";

const ID = `id() { printf '%s\\n' "$1" | sed 's/.*"message_id":"\\([^"]*\\)".*/\\1/'; }`;
/** Takes two messages, acknowledges the first, and is silent from then on. */
const ACTOR = `${ID}
read -r start; read -r one; read -r two
echo x >> done; echo '{"ack":"'$(id "$one")'"}'
exec >&-; exec cat > rest`;

function play(lines: number, keys: object = {}) {
  return makeFolder({
    "flow.json": {
      actors: {
        lines: { run: ["seq", String(lines)] },
        a: { sh: ACTOR, in: "lines", protocol: "messages", ...keys },
      },
      out: "a",
    },
  });
}

describe.each(runtimes)("on $name", (runtime) => {
  test("is lost, and told, at the end of the flow and while more waits", async () => {
    const folder = play(40);
    const { code, stderr } = await run(runtime, ["flow.json", "--json"], { cwd: folder });
    const result = JSON.parse(stderr.split("\n").findLast((line) => line.includes('"exitCode"')) ?? "null");
    const done = readFileSync(join(folder, "done"), "utf8").trim().split("\n").length;
    const [failure, ...others] = result.failures;
    expect([code, failure, others], stderr).toEqual([1, {
      kind: "message",
      code: "LOST",
      receiver: "a",
      sender: "",
      messageType: "Record",
      count: 40 - done,
      reason: "Actor 'a' closed its standard output before it acknowledged the message",
    }, []]);
    expect(existsSync(join(folder, "rest"))).toBe(true);
  });

  test("is delivered again, at least once", async () => {
    const folder = play(4, { delivery: "at-least-once", prefetch: 2, retry: { max: 3 } });
    const { code, stderr } = await run(runtime, ["flow.json", "--json"], { cwd: folder });
    const done = readFileSync(join(folder, "done"), "utf8").trim().split("\n").length;
    // Each is the first of two once; the last has Shutdown for its second.
    expect([code, done], stderr).toEqual([0, 4]);
  });
});
