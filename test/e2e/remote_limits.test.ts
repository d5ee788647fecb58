/** Links to other programs when one side takes nothing for a while, and flows that are reached by another way. */
import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type Frame, freePort, Program } from "./remote_rig.ts";
import { makeFolder, runtimes, start, until } from "./rig.ts";
import { actor, lines } from "./scripted.ts";

const programs: Program[] = [];
const ways: Server[] = [];

afterEach(async () => {
  for (const program of programs.splice(0)) await program.close();
  for (const way of ways.splice(0)) way.close();
});

async function program(onFrame?: (frame: Frame, program: Program) => void): Promise<Program> {
  const started = await Program.start(await freePort(), onFrame);
  programs.push(started);
  return started;
}

const endpoint = (port: number, host = "127.0.0.1"): string => `tcp://${host}:${port}`;
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const numberOf = ({ message }: Frame): number => (message as { readonly n: number }).n;

const COUNT = 6000;
const PAD = 10_000;
const TURNS = 10_000;

/** Writes much more than fits anywhere; it says who it is first, and when it is through. */
const SOURCE = `
import os, sys
from sluice_actor import Actor, run
class Source(Actor):
    def on_start(self, env):
        print("pid %d" % os.getpid(), file=sys.stderr, flush=True)
        for n in range(${COUNT}):
            self.send("there", "N", {"n": n, "pad": "x" * ${PAD}})
        print("through", file=sys.stderr, flush=True)
    def on_bye(self, env):
        self.finish()
run(Source)
`;

/** Takes nothing until a file is there. */
const SLOW = `
import os, time
from sluice_actor import Actor, run
class Slow(Actor):
    next = 0
    def on_n(self, env):
        while not os.path.exists("open"):
            time.sleep(0.01)
        assert env.msg.n == self.next, (env.msg.n, self.next)
        self.next += 1
        if self.next == ${COUNT}:
            self.emit(self.next)
            self.finish()
run(Slow)
`;

describe.each(runtimes)("links to other programs, on $name", (runtime) => {
  test("have senders wait while a program takes nothing; then it gets all, in order", async () => {
    const port = await freePort();
    const peer = await program((frame, self) => {
      if (self.got.length === 1) self.pause();
      if (self.got.length === COUNT) self.reply(frame, "Bye", {}, "there");
    });
    const folder = makeFolder({
      "source.py": SOURCE,
      "flow.json": {
        endpoint: endpoint(port),
        actors: {
          source: { run: ["python3", "source.py"], protocol: "messages" },
          there: { remote: peer.endpoint, mailbox: { size: 10 } },
        },
      },
    });
    const flow = start(runtime, ["flow.json"], { cwd: folder });
    await until(() => /pid \d+/.test(flow.stderr()), flow.stderr);
    const pid = /pid (\d+)/.exec(flow.stderr())?.[1];
    await until(() => {
      if (peer.got.length === 0) return false; // It takes everything yet.
      const where = readFileSync(`/proc/${pid}/wchan`, "utf8");
      const isAsleep = readFileSync(`/proc/${pid}/stat`, "utf8").includes(") S ");
      // Where the system does not say what it waits for, that it does is all that is seen.
      return where === "0" ? isAsleep : where.includes("pipe_write");
    }, () => `${peer.got.length} ${flow.stderr()}`);
    expect(flow.stderr()).not.toContain("through");
    peer.resume();
    const { code, stderr } = await flow.ended;
    expect(code, stderr).toBe(0);
    expect(peer.got.map(numberOf)).toEqual(numbers(COUNT));
  });

  test("have programs wait while an actor takes nothing; then it gets all, in order", async () => {
    const port = await freePort();
    const folder = makeFolder({
      "slow.py": SLOW,
      "flow.json": {
        endpoint: endpoint(port),
        actors: { slow: { run: ["python3", "slow.py"], protocol: "messages", mailbox: { size: 10 } } },
      },
    });
    const flow = start(runtime, ["flow.json"], { cwd: folder });
    const peer = await program();
    let sent = 0;
    let turns = 0;
    while (sent < COUNT) {
      const message = { n: sent, pad: "x".repeat(PAD) };
      if (peer.sendText(port, JSON.stringify({ message_type: "N", receiver: "slow", message }))) {
        sent += 1;
        turns = 0;
        continue;
      }
      // No room came in many turns of a program that does nothing else: nobody takes anything any more.
      turns = peer.reaches(port) ? turns + 1 : 0;
      if (turns === TURNS) {
        expect(sent).toBeLessThan(COUNT / 2);
        writeFileSync(join(folder, "open"), "");
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { code, stdout, stderr } = await flow.ended;
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: `${COUNT}\n` });
  });

  test("are advertised where others find them, and listen where the command line says", async () => {
    const [inside, outside] = [await freePort(), await freePort()];
    // As a router does, or a container.
    const way = createServer((socket) => {
      const onward = connect(inside, "127.0.0.1");
      for (const end of [socket, onward]) end.on("error", () => void (socket.destroy(), onward.destroy()));
      socket.pipe(onward).pipe(socket);
    });
    ways.push(way);
    await new Promise<void>((resolve) => way.listen(outside, "127.0.0.1", resolve));
    const peer = await program((frame, self) => {
      if (frame.message_type !== "Ping") return;
      self.send(outside, { ...frame, message_type: "Forged", receiver: "ping" });
      self.reply(frame, "Pong", { n: 1 });
    });
    const actors = {
      ping: actor([["ask", "pong", "Ping", {}, 600_000], ["send", "$flow", "Finish", {}]]),
      pong: { remote: peer.endpoint, actor: "there" },
    };
    const place = { listen: endpoint(inside), advertise: endpoint(outside) };
    const folder = makeFolder({
      "flow.json": { endpoint: place, actors },
      "silent.json": { actors: { ping: actor([["note", "it runs"]]), pong: { remote: peer.endpoint } } },
      "bytes.json": { actors: { note: { value: "it runs" } } },
    });
    const first = await start(runtime, ["flow.json"], { cwd: folder }).ended;
    expect(first.code, first.stderr).toBe(0);
    expect(lines(first.stdout)).toEqual([{ answer: { n: 1 }, error: null }]);
    expect(first.stderr).toContain('it claims to come from this flow, as "ping~');
    expect(peer.got.map((frame) => frame.sender_endpoint)).toEqual([endpoint(outside)]);
    way.close();
    const second = await start(runtime, ["flow.json", "--endpoint", endpoint(outside)], { cwd: folder })
      .ended;
    expect(second.code, second.stderr).toBe(0);
    expect(peer.got.map((frame) => frame.sender_endpoint)).toEqual([endpoint(outside), endpoint(outside)]);
    for (
      const [flow, given, told] of [
        ["silent.json", peer.endpoint, 'actor "pong" lives there (expected another endpoint)'],
        [
          "silent.json",
          "5001",
          'it is no endpoint (expected an endpoint such as "tcp://127.0.0.1:5001" or "ipc:///run/flow.sock")',
        ],
        [
          "bytes.json",
          "tcp://*:*",
          'no actor of the flow talks in messages (expected one with "protocol": "messages")',
        ],
      ] as const
    ) {
      const refused = await start(runtime, [flow, "--endpoint", given], { cwd: folder }).ended;
      expect([refused.code, refused.stdout]).toEqual([2, ""]);
      expect(refused.stderr).toContain(`Cannot listen at "${given}": ${told}`);
      expect(refused.stderr).not.toContain("it runs");
    }
  });
});
