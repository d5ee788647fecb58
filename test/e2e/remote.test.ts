/** Actors in other programs, over ZeroMQ. The other program is real; it only runs in the test. */
import { afterEach, describe, expect, test } from "vitest";
import { type Frame, freePort, Program } from "./remote_rig.ts";
import { makeFolder, runFlow, runtimes, start, until } from "./rig.ts";
import { actor, lines } from "./scripted.ts";

const PATIENT_MS = 600_000;
const programs: Program[] = [];

afterEach(async () => {
  for (const program of programs.splice(0)) await program.close();
});

async function program(onFrame?: (frame: Frame, program: Program) => void, port?: number): Promise<Program> {
  const started = await Program.start(port ?? await freePort(), onFrame);
  programs.push(started);
  return started;
}

const endpoint = (port: number): string => `tcp://127.0.0.1:${port}`;
const finish = ["send", "$flow", "Finish", {}] as const;

describe.each(runtimes)("other programs, on $name", (runtime) => {
  test("reach actors of the flow, and are answered; what nobody can take is rejected, and nothing dies", async () => {
    const port = await freePort();
    const folder = makeFolder({ "flow.json": { endpoint: endpoint(port), actors: { pong: actor() } } });
    const flow = start(runtime, ["flow.json"], { cwd: folder });
    const peer = await program();
    const from = { sender_actor: "ping", sender_endpoint: peer.endpoint };
    const say = (more: Frame): void => peer.send(port, { receiver: "pong", ...from, ...more });
    say({ message_type: "Ping", message: { do: [["reply", "Pong", { n: 1 }]] } });
    say({ message_type: "Ping", message: { do: [["answer", "Pong", { n: 2 }]] }, unknown: [1] });
    for (
      const text of [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"message_type":"Ping","message":{}}',
        "\xff",
        '{"receiver":"pong"}',
      ]
    ) {
      peer.sendText(port, text);
    }
    say({ message_type: "Ping", sender_endpoint: endpoint(port), message: {} });
    say({ message_type: "Ping", sender_actor: "$engine", message: {} });
    say({ message_type: "Ping", receiver: "nobody", message: {} });
    say({ message_type: "Finish", receiver: "$flow", message: {} });
    say({ message_type: "Shutdown", message: {} });
    say({ message_type: "Ping", sender_actor: null, message: { do: [["answer", "Pong", { n: 0 }]] } });
    peer.sendText(
      port,
      `{\n "message_type": "Ping", "receiver": "pong",\r\n "mess\\u0061ge": {"do": [["reply", "Pong", {"n": 3}]]},
        "sender_actor": "ping", "ack": "x", "sender_endpoint": "${peer.endpoint}"}`,
    );
    await until(() => peer.got.length === 6, () => JSON.stringify(peer.got) + flow.stderr());
    const reject = (message_type: string, reason: string, rejected_by: string): Frame => ({
      message_type: "Reject",
      receiver: "ping",
      sender_actor: null,
      sender_endpoint: endpoint(port),
      message: { message_type, reason, rejected_by },
    });
    const pong = (n: number): Frame =>
      expect.objectContaining({
        message_type: "Pong",
        receiver: "ping",
        sender_actor: "pong",
        sender_endpoint: endpoint(port),
        message: { n },
      });
    expect(peer.got).toEqual(expect.arrayContaining([
      pong(1),
      pong(2),
      pong(3),
      reject("Ping", "Actor 'nobody' not found", "nobody"),
      reject("Finish", "Actor '$flow' not found", "$flow"),
      reject("Shutdown", "Message type 'Shutdown' is the engine's own", "pong"),
    ]));
    flow.child.kill("SIGTERM");
    const { code, stderr } = await flow.ended;
    expect(code, stderr).toBe(0);
    for (
      const said of [
        "it is empty",
        "it is no JSON",
        "it is no JSON object",
        "it has no receiver",
        'it claims to come from this flow, as "ping"',
        'its sender cannot be called "$engine"',
      ]
    ) expect(stderr).toContain(said);
  });

  test("are asked, with a time limit, and answer without saying what they answer, or reject", async () => {
    const port = await freePort();
    const peer = await program((frame, self) => {
      const { message_type: type, receiver } = frame;
      if (type === "Ping") self.reply(frame, "Pong", { n: 1 });
      if (type === "Nameless") self.reply(frame, "Pong", { n: 2 }, null);
      if (type === "Bad") {
        const message = { message_type: type, reason: "Unknown message type: Bad", rejected_by: receiver };
        self.reply(frame, "Reject", message, null);
      }
      if (type === "Loose") {
        self.reply(frame, "Reject", { message_type: type, reason: "no", rejected_by: "x" }, null);
      }
    });
    const { stdout, stderr, code } = await runFlow(runtime, {
      endpoint: endpoint(port),
      actors: {
        ping: actor([
          ["ask", "pong", "Ping", { a: 1 }, PATIENT_MS],
          ["ask", "pong", "Nameless", null, PATIENT_MS],
          ["ask", "pong", "Bad", {}, PATIENT_MS],
          ["ask", "pong", "Silent", {}, 50],
          ["send", "pong", "Loose", { big: 12345678901234567890n.toString() }],
          ["wait", "reject"],
          finish,
        ]),
        pong: { remote: peer.endpoint, actor: "there" },
      },
    });
    expect(lines(stdout), stderr).toEqual([
      { answer: { n: 1 }, error: null },
      { answer: { n: 2 }, error: null },
      { answer: expect.anything(), error: "REJECTED" },
      { answer: null, error: "TIMEOUT" },
      { rejected: "Loose", reason: "no", code: "REJECTED" },
    ]);
    expect(code, stderr).toBe(0);
    expect(peer.got.map(({ message_type, receiver, message }) => [message_type, receiver, message])).toEqual([
      ["Ping", "there", { a: 1 }],
      ["Nameless", "there", {}],
      ["Bad", "there", {}],
      ["Silent", "there", {}],
      ["Loose", "there", { big: "12345678901234567890" }],
    ]);
    expect(peer.got.at(-1)).toMatchObject({ sender_actor: "ping", sender_endpoint: endpoint(port) });
  });

  test("get everything in order, however late they come", async () => {
    const [port, late] = [await freePort(), await freePort()];
    const count = 3000;
    const folder = makeFolder({
      "flow.json": {
        endpoint: endpoint(port),
        actors: {
          ping: actor([["repeat", count, ["send", "pong", "N", { n: "INDEX" }]]]),
          pong: { remote: endpoint(late), mailbox: { size: 10 } },
        },
      },
    });
    const flow = start(runtime, ["flow.json"], { cwd: folder });
    await until(
      () => flow.stderr().includes(`Cannot reach ${endpoint(late)}: connect ECONNREFUSED`),
      flow.stderr,
    );
    const peer = await program((frame, self) => {
      if (self.got.length === count) self.reply(frame, "Bye", { do: [finish] }, "pong");
    }, late);
    const { code, stderr } = await flow.ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`${endpoint(late)} is there`);
    const numbers = peer.got.map(({ message }) => (message as { readonly n: number }).n);
    expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index));
  });

  test("get records of a stream; the flow ends when they have them", async () => {
    const peer = await program();
    const { code, stderr } = await runFlow(runtime, {
      actors: {
        numbers: { value: '{"n":1}\n{"n":2}\ntext\n' },
        there: { remote: peer.endpoint, in: "numbers", records: "Number" },
      },
    });
    expect(code, stderr).toBe(0);
    await until(() => peer.got.length === 3, () => JSON.stringify(peer.got));
    expect(peer.got.map(({ message_id: _, ...frame }) => frame)).toEqual(
      [{ n: 1 }, { n: 2 }, "text"].map((message) => ({
        message_type: "Number",
        receiver: "there",
        sender_actor: null,
        sender_endpoint: null,
        message,
      })),
    );
  });

  test("are listed by $registry: who is there, and who is not", async () => {
    const port = await freePort();
    const gone = await freePort();
    const peer = await program((frame, self) => self.reply(frame, "Here", {}));
    const registry = await runFlow(runtime, {
      endpoint: endpoint(port),
      actors: {
        ping: actor([
          ["ask", "pong", "Any", {}, PATIENT_MS],
          ["ask", "$registry", "List", {}, PATIENT_MS],
          finish,
        ]),
        pong: { remote: peer.endpoint, actor: "there", accepts: ["Any"] },
        away: { remote: endpoint(gone) },
      },
    });
    const [, listed] = lines(registry.stdout) as {
      readonly answer: { readonly actors: readonly object[] };
    }[];
    const common = { kind: "remote", emits: [], subscribe: [] };
    expect(listed?.answer.actors, registry.stderr).toEqual([
      expect.objectContaining({ name: "ping", kind: "singleton", state: "active" }),
      { ...common, name: "pong", actor: "there", endpoint: peer.endpoint, accepts: ["Any"], state: "online" },
      { ...common, name: "away", actor: "away", endpoint: endpoint(gone), accepts: [], state: "offline" },
    ]);
  });

  test("may be flows themselves: asks find their answers and their errors", async () => {
    const [one, two] = [await freePort(), await freePort()];
    const folder = makeFolder({ "server.json": { endpoint: endpoint(two), actors: { pong: actor() } } });
    const server = start(runtime, ["server.json"], { cwd: folder });
    const { stdout, stderr, code } = await runFlow(runtime, {
      endpoint: endpoint(one),
      actors: {
        ping: actor([
          ["ask", "far", "Ping", { do: [["answer", "Pong", { n: 1 }]] }, PATIENT_MS],
          ["ask", "nobody", "Ping", {}, PATIENT_MS],
          finish,
        ]),
        far: { remote: endpoint(two), actor: "pong" },
        nobody: { remote: endpoint(two) },
      },
    });
    server.child.kill("SIGTERM");
    expect((await server.ended).code, server.stderr()).toBe(0);
    expect(lines(stdout), stderr).toEqual([
      { answer: { n: 1 }, error: null },
      { answer: {}, error: "NO_ACTOR" },
    ]);
    expect(code, stderr).toBe(0);
  });

  test("that listen there already are told, and nothing is started", async () => {
    const peer = await program();
    const flow = { endpoint: peer.endpoint, actors: { a: actor([["note", "started"]]) } };
    const { code, stderr } = await runFlow(runtime, flow);
    expect(stderr).toContain(
      `Cannot listen at "${peer.endpoint}": somebody listens there already (expected an endpoint that is free)`,
    );
    expect(stderr).not.toContain("started");
    expect(code).toBe(2);
  });
});
