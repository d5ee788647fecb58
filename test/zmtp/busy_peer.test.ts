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
  peers[0]?.write(frame(new Uint8Array([...encode("\x04PONG")]), 4));
  await until(() => states.length > 1);
  expect(states[1]).toMatch(/^it has said nothing for/);
  await socket.close();
  for (const peer of peers) peer.socket.destroy();
  server.close();
});
