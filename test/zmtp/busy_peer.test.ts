/** Programs that take their time. */
import { expect, test } from "vitest";
import { PushSocket } from "../../lib/zmtp/push_socket.ts";
import { frame, listenRaw, type RawPeer, until } from "./raw_peer.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a peer that has messages to take may say nothing for long; without them it may not", async () => {
  const peers: RawPeer[] = [];
  const { server, port } = await listenRaw((peer) => {
    peers.push(peer);
    peer.greet("PULL");
  });
  const states: string[] = [];
  const socket = new PushSocket({ kind: "tcp", host: "127.0.0.1", port }, {
    reconnectMs: 5,
    heartbeat: { beatMs: 5, deadMs: 50 },
    onState: (isOpen, reason) => states.push(isOpen ? "open" : `${reason}`),
  });
  socket.send(encode("work"));
  const pings = (): number => (peers[0]?.text.split("\x04PING").length ?? 1) - 1;
  // So many are asked in more time than it has.
  await until(() => pings() >= 20);
  expect(states).toEqual(["open"]);
  // The messages stand before each of them.
  const pong = frame(new Uint8Array([...encode("\x04PONG")]), 4);
  peers[0]?.write(pong);
  await until(() => states.length > 1);
  expect(states[1]).toMatch(/^it has said nothing for/);
  await socket.close();
  for (const peer of peers) peer.socket.destroy();
  server.close();
});

test("what a peer answers that was asked before it got messages does not say that it has them", async () => {
  const peers: RawPeer[] = [];
  const { server, port } = await listenRaw((peer) => {
    peers.push(peer);
    peer.greet("PULL");
  });
  const states: string[] = [];
  const socket = new PushSocket({ kind: "tcp", host: "127.0.0.1", port }, {
    reconnectMs: 5,
    heartbeat: { beatMs: 5, deadMs: 1000 },
    onState: (isOpen, reason) => states.push(isOpen ? "open" : `${reason}`),
  });
  const text = (): string => peers[0]?.text ?? "";
  const pings = (): number => text().split("\x04PING").length - 1;
  await until(() => pings() >= 1);
  const before = pings();
  socket.send(encode("work"));
  await until(() => text().includes("work"));
  const asked = text().split("work")[0]?.split("\x04PING").length ?? 1;
  const pong = frame(new Uint8Array([...encode("\x04PONG")]), 4);
  // Those from before the message.
  for (let at = 1; at < asked; at += 1) peers[0]?.write(pong);
  const then = pings();
  await until(() => pings() >= then + 250); // More time than it has.
  expect([before > 0, states]).toEqual([true, ["open"]]);
  await socket.close();
  for (const peer of peers) peer.socket.destroy();
  server.close();
});
