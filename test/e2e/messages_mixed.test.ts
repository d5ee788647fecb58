/** Actors that acknowledge some of what they are given, and say nothing about the rest. */
import { describe, expect, test } from "vitest";
import { runFlow, runtimes } from "./rig.ts";

/** jq acknowledges records, and nothing else. */
function jq(then: string): readonly string[] {
  return ["jq", "-c", "--unbuffered", `if .message_type == "Record" then ${then} else empty end`];
}

describe.each(runtimes)("mixed acknowledgements on $name", (runtime) => {
  test("a keyed host that does not acknowledge Deactivate does not keep the flow from its end", async () => {
    const { code, stdout, stderr } = await runFlow(runtime, {
      actors: {
        lines: { value: '{"k":"a"}\n{"k":"b"}\n' },
        // The source lasts longer than the instances.
        later: { sh: "sleep 0.5" },
        keyed: {
          run: jq("{message: .message.k}, {ack: .message_id}"),
          protocol: "messages",
          in: ["lines", "later"],
          supervisor: { type: "keyed", key: "/k", hosts: 1, idle: "10ms" },
        },
      },
      out: "keyed",
    });
    expect([code, stdout, stderr]).toEqual([0, '"a"\n"b"\n', ""]);
  });

  test("answers and types that are never acknowledged are handled when they were read", async () => {
    const numbers = Array.from({ length: 300 }, (_, index) => `${index + 1}\n`).join("");
    const asks = '{receiver: "echo", message_type: "Ping", message, message_id: "q\\(.message)"}';
    const note = '{receiver: "asks", message_type: "Note", message}';
    const answers = 'if .message_type == "Pong" or .message_type == "Note" then {message} else';
    const { code, stdout, stderr } = await runFlow(runtime, {
      actors: {
        lines: { value: numbers },
        asks: {
          run: ["jq", "-c", "--unbuffered", `${answers} ${jq(`${asks}, {ack: .message_id}`).at(-1)} end`],
          protocol: "messages",
          in: "lines",
        },
        echo: {
          run: [
            "jq",
            "-c",
            "--unbuffered",
            'select(.message_type == "Ping") | {receiver: .sender_actor, correlation_id: .message_id, ' +
            `message_type: "Pong", message}, ${note}`,
          ],
          protocol: "messages",
        },
      },
      out: "asks",
    });
    const twice = numbers.split("\n").flatMap((line) => line === "" ? [] : [line, line]);
    expect([code, stdout.trimEnd().split("\n").toSorted()], stderr).toEqual([0, twice.toSorted()]);
  });
});
