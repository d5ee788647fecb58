/** Real sockets: from one side of ours to the other, and to peers that say what they like. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { formatPing } from "../../lib/zmtp/commands.ts";
import type { Endpoint } from "../../lib/core/endpoint.ts";
import { makeGreeting } from "../../lib/zmtp/greeting.ts";
import { PullSocket } from "../../lib/zmtp/pull_socket.ts";
import { type PushOptions, PushSocket } from "../../lib/zmtp/push_socket.ts";
import { frame, listenRaw, RawPeer, until } from "./raw_peer.ts";

const HOME: Endpoint = { kind: "tcp", host: "127.0.0.1", port: 0 };
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function pull(endpoint = HOME, options: Partial<Parameters<typeof PullSocket.listen>[1]> = {}) {
  const got: string[] = [];
  const troubles: string[] = [];
  const socket = await PullSocket.listen(endpoint, {
    messageBytesMax: 1_000_000,
    onMessage: (message) => got.push(new TextDecoder().decode(message)),
    onTrouble: (reason) => troubles.push(reason),
    ...options,
  });
  closers.push(() => socket.close());
  const port = socket.endpoint.kind === "tcp" ? socket.endpoint.port : 0;
  return { socket, got, troubles, port };
}

function push(endpoint: Endpoint, options: PushOptions = {}): PushSocket {
  const socket = new PushSocket(endpoint, { reconnectMs: 5, ...options });
  closers.push(() => socket.close());
  return socket;
}

test.each(["tcp", "ipc"])(
  "messages arrive whole and in order over %s, whatever their lengths",
  async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), "zmtp-"));
    closers.push(() => rmSync(folder, { recursive: true }));
    const { socket, got } = await pull(kind === "tcp" ? HOME : { kind: "ipc", path: join(folder, "s") });
    const sender = push(socket.endpoint);
    const sent = [0, 1, 255, 256, 65_535, 65_536, 500_000].map((length) => "ä".repeat(length / 2) + length);
    for (const message of sent) expect(sender.send(encode(message))).toBe(true);
    await until(() => got.length === sent.length);
    expect(got).toEqual(sent);
  },
);

test("what was sent before anybody listened arrives when somebody does, and is tried ever more seldom", async () => {
  const { server, port } = await listenRaw((peer) => peer.socket.destroy());
  const reasons: (string | undefined)[] = [];
  const sender = push({ ...HOME, port }, { onState: (isOpen, reason) => isOpen || reasons.push(reason) });
  sender.send(encode("early"));
  await until(() => reasons.length >= 3);
  expect(sender.waiting).toBe(1);
  await new Promise((resolve) => server.close(resolve));
  await until(() => reasons.some((reason) => reason?.includes("ECONNREFUSED") === true));
  const { got } = await pull({ ...HOME, port });
  await until(() => got.length === 1);
  expect(got).toEqual(["early"]);
});

test("a peer that takes nothing stops its sender at the high-water mark, and lets it go on", async () => {
  const peers: RawPeer[] = [];
  const { server, port } = await listenRaw((peer) => {
    peers.push(peer);
    peer.greet("PULL");
    peer.socket.pause();
  });
  closers.push(() => peers.forEach(({ socket }) => socket.destroy()), () => server.close());
  let rooms = 0;
  const sender = push({ ...HOME, port }, { messagesMax: 10, bytesMax: 100_000_000, onRoom: () => rooms++ });
  const message = new Uint8Array(100_000);
  let taken = 0;
  let mostWaiting = 0;
  const fill = (): void => {
    while (sender.send(message)) taken += 1;
    mostWaiting = Math.max(mostWaiting, sender.waiting);
  };
  fill();
  expect(taken).toBe(10);
  // What the system holds for both has an end too, far from this.
  await until(() => {
    if (taken < 30) fill();
    return taken >= 30 || (sender.isOpen && sender.waiting > 0 && rooms > 2);
  });
  peers[0]?.socket.resume();
  await until(() => {
    if (taken < 200) fill();
    return taken >= 200 && sender.waiting === 0;
  });
  await until(() => (peers[0]?.bytes ?? 0) > taken * 100_000);
  expect(mostWaiting).toBe(10);
  expect(rooms).toBeGreaterThan(0);
});

test("a paused receiver takes no more than the system holds, and all of it later", async () => {
  let count = 0;
  let resume = (): void => undefined;
  const { socket } = await pull(HOME, {
    onMessage: (_, peer) => {
      count += 1;
      if (count > 1) return;
      peer.pause();
      resume = () => peer.resume();
    },
  });
  const sender = push(socket.endpoint, { messagesMax: 10 });
  const message = new Uint8Array(100_000);
  let sent = 0;
  await until(() => {
    if (sent < 500) { while (sender.send(message)) sent += 1; }
    return count >= 1;
  });
  expect(count).toBeLessThan(sent);
  const { waiting } = sender;
  expect(waiting).toBeGreaterThan(0);
  resume();
  await until(() => count === sent);
});

test.each([0, 1])(
  "a peer of version 3.%i is understood; only 3.1 is asked whether it is there",
  async (minor) => {
    const { port, got } = await pull(HOME, { heartbeat: { beatMs: 10, deadMs: 10_000 } });
    const peer = await RawPeer.connect(port);
    closers.push(() => peer.socket.destroy());
    peer.greet("PUSH", minor);
    peer.write(frame("hello"));
    await until(() => got.length === 1);
    if (minor === 1) return await until(() => peer.text.includes("\x04PING"));
    peer.write(frame(new Uint8Array([...formatPing(0), 7, 8]), 4));
    await until(() => peer.text.includes("\x04PONG\x07\x08"));
    expect(peer.text).not.toContain("PING");
  },
);

test("a peer that says nothing any more is gone, and is looked for again", async () => {
  let connections = 0;
  const peers: RawPeer[] = [];
  const { server, port } = await listenRaw((peer) => {
    connections += 1;
    peers.push(peer);
    peer.greet("PULL");
  });
  closers.push(() => peers.forEach(({ socket }) => socket.destroy()), () => server.close());
  const states: string[] = [];
  push({ ...HOME, port }, {
    heartbeat: { beatMs: 5, deadMs: 50 },
    onState: (isOpen, reason) => states.push(isOpen ? "open" : `${reason}`),
  });
  await until(() => connections >= 2);
  expect(states.slice(0, 2)).toEqual(["open", expect.stringMatching(/^it has said nothing for [\d.]+ s$/)]);
});

test("a peer that wants to hear something each so often is let go of when it is not heard itself", async () => {
  const { port, troubles } = await pull(HOME, { heartbeat: { beatMs: 5, deadMs: 60_000 } });
  const peer = await RawPeer.connect(port);
  peer.greet("PUSH", 0);
  peer.write(frame(formatPing(100), 4));
  await until(() => peer.isClosed);
  expect(troubles).toEqual([expect.stringMatching(/^it has said nothing for/)]);
});

test.each<[string, (peer: RawPeer) => void, string | RegExp]>([
  ["garbage", (peer) => peer.write(encode("GET / HTTP/1.1\r\n\r\n")), /does not speak ZMTP/],
  ["a mechanism with passwords", (peer) => {
    const greeting = new Uint8Array(64);
    greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1]);
    greeting.set(encode("CURVE"), 12);
    peer.write(greeting);
  }, 'it wants mechanism "CURVE" (expected NULL)'],
  ["another kind of socket", (peer) => peer.greet("PULL"), "it is a socket of type PULL (expected PUSH)"],
  [
    "a message before READY",
    (peer) => peer.write(makeGreeting(), frame("early")),
    /before it has said who it is/,
  ],
  ["a message that is too long", (peer) => {
    peer.greet("PUSH");
    peer.write(frame(new Uint8Array(1_000_001)));
  }, "a message of 1000001 bytes is longer than 1000000"],
  ["flags that mean nothing", (peer) => {
    peer.greet("PUSH");
    peer.write(new Uint8Array([0x78, 1, 1]));
  }, "a frame has flags 120, which mean nothing"],
  [
    "half a greeting and its end",
    (peer) => peer.socket.end(new Uint8Array([0xff, 0, 0])),
    /before it said who/,
  ],
  ["half a frame and its end", (peer) => {
    peer.greet("PUSH");
    peer.socket.end(frame("hello").subarray(0, 4));
  }, "it went away in the middle of a message"],
  ["half a frame, and is killed", (peer) => {
    peer.greet("PUSH");
    peer.socket.write(frame("hello").subarray(0, 4), () => peer.socket.resetAndDestroy());
  }, /in the middle of a message|ECONNRESET/],
  ["an error", (peer) => {
    peer.greet("PUSH");
    peer.write(frame("\x05ERROR\x02no", 4));
  }, "it says: no"],
  ["nothing", () => undefined, "it has not said who it is within 300 ms"],
])("a peer that sends %s is told and let go of; others go on", async (_, say, expected) => {
  const { socket, port, got, troubles } = await pull(HOME, { handshakeMs: 300 });
  const good = push(socket.endpoint);
  good.send(encode("before"));
  await until(() => got.length === 1);
  const peer = await RawPeer.connect(port);
  say(peer);
  await until(() => troubles.length > 0 && peer.isClosed);
  expect(troubles).toEqual([typeof expected === "string" ? expected : expect.stringMatching(expected)]);
  good.send(encode("after"));
  await until(() => got.length === 2);
  expect(got).toEqual(["before", "after"]);
});

test("messages of several parts are told and left out; the connection goes on", async () => {
  const { port, got, troubles } = await pull();
  const peer = await RawPeer.connect(port);
  closers.push(() => peer.socket.destroy());
  peer.greet("PUSH");
  peer.write(frame("a", 1), frame("b"), frame("c"));
  await until(() => got.length === 1);
  expect([got, troubles]).toEqual([["c"], ["it has several parts (expected one)"]]);
});

test("listen() rejects when somebody listens there, and takes the place of who is gone", async () => {
  const { port } = await pull();
  await expect(pull({ ...HOME, port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  const folder = mkdtempSync(join(tmpdir(), "zmtp-"));
  closers.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "s");
  await pull({ kind: "ipc", path });
  await expect(pull({ kind: "ipc", path })).rejects.toMatchObject({ code: "EADDRINUSE" });
  const file = join(folder, "file");
  writeFileSync(file, "mine");
  await expect(pull({ kind: "ipc", path: file })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("close() waits for what was sent, and says how much is left when nobody takes it", async () => {
  const { socket, got } = await pull();
  const sender = push(socket.endpoint);
  for (let index = 0; index < 500; index++) sender.send(encode(`${index}`));
  expect(await sender.close({ lingerMs: 20_000 })).toBe(0);
  await until(() => got.length === 500);
  const { server, port } = await listenRaw((peer) => peer.socket.destroy());
  closers.push(() => server.close());
  const other = push({ ...HOME, port });
  other.send(encode("lost"));
  expect(await other.close({ lingerMs: 20 })).toBe(1);
});

test("what was on its way when the peer went is counted as lost, and not sent twice", async () => {
  const peers: RawPeer[] = [];
  const { server, port } = await listenRaw((peer) => {
    peers.push(peer);
    peer.greet("PULL");
    if (peers.length === 1) peer.socket.pause();
  });
  closers.push(() => peers.forEach(({ socket }) => socket.destroy()), () => server.close());
  let lost = 0;
  let sent = 0;
  const count = 300;
  const sender = push({ ...HOME, port }, {
    messagesMax: count,
    bytesMax: 100_000_000,
    onSent: (done) => {
      lost += done.lost;
      sent += done.messages;
    },
  });
  await until(() => sender.isOpen);
  for (let index = 0; index < count; index++) sender.send(new Uint8Array(100_000));
  await until(() => sent > 0);
  peers[0]?.socket.destroy();
  await until(() => sender.waiting === 0 && sent === count);
  expect(lost).toBeGreaterThan(0);
  expect(sent).toBe(count);
});
