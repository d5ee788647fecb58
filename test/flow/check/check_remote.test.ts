/** Actors in other programs, and where those find the flow, before anything runs. */
import { expect, test } from "vitest";
import { flowOf, messagesOf } from "../messages_of.ts";

const local = { run: ["cat"], protocol: "messages" };
const far = (more: object = {}): object => ({ remote: "tcp://localhost:5002", ...more });

test("an actor lives where the flow says, by its name there", () => {
  const flow = flowOf({
    params: { port: { default: "5003" } },
    endpoint: { listen: "tcp://*:5001", advertise: "tcp://my-host:5001" },
    actors: {
      a: local,
      b: far({ actor: "pong", accepts: ["Ping"] }),
      c: { remote: "tcp://127.0.0.1:{param.port}", in: "d", records: "Line" },
      d: { value: "x\n" },
      e: { remote: "ipc:///run/e" },
    },
  });
  const places = [...flow.actors.values()].flatMap(({ source }) =>
    source.kind === "remote" ? [source.place] : []
  );
  expect(places).toEqual([
    { endpoint: "tcp://localhost:5002", actor: "pong" },
    { endpoint: "tcp://127.0.0.1:5003", actor: "c" },
    { endpoint: "ipc:///run/e", actor: "e" },
  ]);
  expect(flow.endpoint).toEqual({ listen: "tcp://*:5001", advertise: "tcp://my-host:5001" });
  // It writes nothing here.
  expect(flow.outputs.flatMap(({ streams }) => streams).map(({ actor }) => actor)).toEqual(["a"]);
});

test.each([
  [
    "no endpoint",
    { actors: { a: { remote: "localhost:5002" } } },
    'actors.a.remote: Cannot reach actor "a" at "localhost:5002": it is no endpoint (expected tcp://HOST:PORT, such as tcp://127.0.0.1:5001, or ipc://PATH)',
  ],
  [
    "no host",
    { actors: { a: { remote: "tcp://*:5002" } } },
    'actors.a.remote: Cannot reach actor "a" at "tcp://*:5002": it names no host, or no port (expected tcp://HOST:PORT, such as tcp://127.0.0.1:5001, or ipc://PATH)',
  ],
  [
    "a key that the other program decides",
    { actors: { a: far({ restart: {} }) } },
    'actors.a.restart: Cannot use "restart" on actor "a": it lives in another program, which decides that',
  ],
  [
    "a key of processes",
    { actors: { a: far({ env: { A: "1" } }) } },
    'actors.a.env: Cannot use "env" on actor "a": only a process (run, sh) has an environment',
  ],
  [
    "a name of nobody",
    { actors: { a: { ...local, actor: "b" } } },
    'actors.a.actor: Cannot use "actor" on actor "a": it says what somebody is called who lives elsewhere (expected "remote" beside it)',
  ],
  [
    "two sources",
    { actors: { a: far({ run: ["cat"] }) } },
    'actors.a: Cannot tell what actor "a" is: it has run and remote (expected exactly one of run, sh, value, file, stdin, handler, use, input, split, remote)',
  ],
  [
    "an endpoint that is none",
    { endpoint: "5001", actors: { a: local } },
    'endpoint: Cannot listen at "5001": it is no endpoint (expected tcp://HOST:PORT, such as tcp://127.0.0.1:5001, or ipc://PATH)',
  ],
  [
    "an address that nobody finds",
    { endpoint: { listen: "tcp://*:5001", advertise: "tcp://*:5001" }, actors: { a: local } },
    'endpoint.advertise: Cannot be reached at "tcp://*:5001": it names no host, or no port (expected tcp://HOST:PORT, such as tcp://127.0.0.1:5001, or ipc://PATH)',
  ],
  [
    "an endpoint without anybody to be reached",
    { endpoint: "tcp://*:5001", actors: { a: { run: ["cat"] } } },
    'endpoint: Cannot listen: no actor talks in messages (expected one with "protocol": "messages")',
  ],
  [
    "an actor that lives in the flow itself",
    { endpoint: "tcp://localhost:5002", actors: { a: far() } },
    'actors.a.remote: Cannot reach actor "a": it lives where the flow itself listens (expected another endpoint)',
  ],
])("checkFlow() refuses %s", (_, flow, message) => {
  expect(messagesOf(flow)).toEqual([message]);
});
