/** `--check-messages` where actors live in other programs: what comes from them and what goes to them is held as well. */
import { afterEach, describe, expect, test } from "vitest";
import { freePort, Program } from "./remote_rig.ts";
import { makeFolder, runtimes, start, until } from "./rig.ts";
import { actor, lines } from "./scripted.ts";

const programs: Program[] = [];

afterEach(async () => {
  for (const program of programs.splice(0)) await program.close();
});

describe.each(runtimes)("--check-messages with another program, on $name", (runtime) => {
  test("refuses what comes in and goes out that is not as declared, and tells its sender", async () => {
    const [port, theirs] = [await freePort(), await freePort()];
    const peer = await Program.start(theirs);
    programs.push(peer);
    const folder = makeFolder({
      "flow.json": {
        endpoint: `tcp://127.0.0.1:${port}`,
        actors: {
          here: actor([
            ["send", "there", "Note", { n: "x" }],
            ["send", "there", "Wish", {}],
            ["ask", "there", "Note", { n: "y" }, 20_000],
            ["send", "there", "Note", { n: 1 }],
          ], { accepts: { Ping: { n: "number", do: "any?" } } }),
          there: {
            remote: peer.endpoint,
            actor: "they",
            accepts: { Note: { n: "number" } },
            emits: { Ping: { n: "any" } },
          },
        },
      },
    });
    const flow = start(runtime, ["flow.json", "--check-messages", "--json", "--until", "signal"], {
      cwd: folder,
    });
    await until(() => peer.got.length === 1, flow.stderr);
    expect(peer.got).toMatchObject([{ message_type: "Note", message: { n: 1 } }]);
    const say = (sender_actor: string, message_type: string, message: unknown): void =>
      peer.send(port, {
        receiver: "here",
        sender_actor,
        sender_endpoint: peer.endpoint,
        message_type,
        message,
      });
    say("they", "Ping", { n: "x" });
    say("they", "Other", {});
    say("stranger", "Ping", { n: "z" });
    say("stranger", "Other", {});
    say("they", "Ping", { n: 1, do: [["out", "taken"]] });
    await until(() => peer.got.length === 5 && flow.stdout().includes("taken"), flow.stderr);
    const ping = (got: string): string => `'Ping' is not as 'here' accepts it: field "n" is ${got}`;
    expect(peer.got.slice(1).map(({ receiver, message }) => [receiver, message])).toEqual([
      ["they", "Ping", ping("a string (expected number)")],
      ["they", "Other", "Actor 'there' does not say that it emits 'Other' (it emits Ping)"],
      ["stranger", "Ping", ping("a string (expected number)")],
      ["stranger", "Other", "Actor 'here' does not say that it accepts 'Other' (it accepts Ping)"],
    ].map(([receiver, message_type, reason]) => [
      receiver,
      expect.objectContaining({ message_type, reason }),
    ]));
    say("they", "Ping", { n: 1, do: [["send", "$flow", "Finish", {}]] });
    const { code, stdout, stderr } = await flow.ended;
    const note = "'Note' is not as 'there' accepts it: field \"n\" is a string (expected number)";
    const wish = "Actor 'there' does not say that it accepts 'Wish' (it accepts Note)";
    expect(lines(stdout)).toEqual(expect.arrayContaining([
      { rejected: "Note", reason: note, code: "INVALID" },
      { rejected: "Wish", reason: wish, code: "INVALID" },
      { answer: null, error: "INVALID" },
      "taken",
    ]));
    expect(code, stderr).toBe(1);
    const result = stderr.split("\n").find((line) => line.startsWith("{")) ?? "";
    const { failures } = JSON.parse(result) as { readonly failures: readonly object[] };
    // What strangers say is told, and no failure of the flow.
    const of = (sender: string, reason: string, count = 1): object =>
      expect.objectContaining({ code: "INVALID", sender, reason, count });
    expect(failures).toEqual([
      of("here", note, 2),
      of("here", wish),
      of("there", ping("a string (expected number)")),
      of("there", "Actor 'there' does not say that it emits 'Other' (it emits Ping)"),
    ]);
  });

  test("an answer from there that is wrong is told to who has asked", async () => {
    const [port, theirs] = [await freePort(), await freePort()];
    const peer = await Program.start(theirs, (frame, self) => self.reply(frame, "Pong", { n: "x" }, "they"));
    programs.push(peer);
    const ask = ["ask", "there", "Ping", {}, 20_000] as const;
    const folder = makeFolder({
      "flow.json": {
        endpoint: `tcp://127.0.0.1:${port}`,
        actors: {
          here: actor([ask, ["send", "$flow", "Finish", {}]]),
          there: { remote: peer.endpoint, actor: "they", emits: { Pong: { n: "number" } } },
        },
      },
    });
    const { stdout, stderr } = await start(runtime, ["flow.json", "--check-messages"], { cwd: folder }).ended;
    expect(lines(stdout), stderr).toEqual([{ answer: null, error: "INVALID" }]);
    expect(stderr).toContain("'Pong' is not as 'there' emits it: field \"n\" is a string (expected number)");
  });
});
