/** Odd lines: what comes in over a stream, and what message actors write. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, root, runFlow, runtimes, start, startCommand } from "./rig.ts";

const WRAP = 'select(.message_type == "Record") | {message: [.message]}';

describe.each(runtimes)("lines and messages on $name", (runtime) => {
  test("records have their beginning and their end; one that is no UTF-8 is told, and fails the run", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: {
          lines: { file: "lines.txt" },
          wrap: { run: ["jq", "-c", "--unbuffered", WRAP], protocol: "messages", in: "lines" },
        },
      },
    });
    const lines = [
      Buffer.from("\ufeff[1]\r\ntext\r\n\n"),
      Buffer.from([0x61, 0xff, 0x62, 0x0a]),
      Buffer.from("last"),
    ];
    writeFileSync(join(folder, "lines.txt"), Buffer.concat(lines));
    const { stdout, stderr } = await start(runtime, ["flow.json"], { cwd: folder }).ended;
    expect(stdout).toBe('[[1]]\n["text"]\n[""]\n["last"]\n');
    expect(stderr).toContain("Record 4 is no UTF-8");
  });

  test("a blank line of an actor is nothing", async () => {
    const { stdout, stderr, code } = await runFlow(runtime, {
      actors: {
        a: { sh: `read -r start; printf '\\n \\r\\n\\t\\n{"message": 1}\\n\\n'`, protocol: "messages" },
      },
    });
    expect([code, stdout], stderr).toEqual([0, "1\n"]);
  });
});

test("two actors end without a look into /proc, with Deno's least permissions", async () => {
  const folder = makeFolder({
    "flow.json": {
      actors: {
        ping: {
          run: [
            "jq",
            "-c",
            "--unbuffered",
            'if .message_type == "Start" then {receiver: "pong", message: 1} elif .message_type == "Pong" then {message} else empty end',
          ],
          protocol: "messages",
        },
        pong: {
          run: [
            "jq",
            "-c",
            "--unbuffered",
            'select(.message_type == "Message") | {receiver: .sender_actor, message_type: "Pong", message}',
          ],
          protocol: "messages",
        },
      },
    },
  });
  const least = ["--allow-read", "--allow-write", "--allow-env", "--allow-run", "--allow-ffi"];
  const command = [join(root, "node_modules/.bin/deno"), "run", ...least, join(root, "mod.ts"), "flow.json"];
  const { code, stdout, stderr } = await startCommand(command, { cwd: folder }).ended;
  expect([code, stdout], stderr).toEqual([0, "1\n"]);
});
