/**
 * The table every SDK is held against: lines given to the conformance actor, lines expected from it. What the actor
 * does with each message is in docs/sdk.md.
 */

/** Any JSON object; a string is a line as it is. */
export type Line = Readonly<Record<string, unknown>> | string;

export type Step =
  /** Lines written in one write, or in pieces of so many bytes. */
  | { readonly give: readonly Line[]; readonly pieceBytes?: number }
  /** The next lines, in this order or in any. Texts `<any>`, `<text>`, `<uuid NAME>` stand for what they say. */
  | { readonly expect: readonly Line[]; readonly order?: "any" }
  | { readonly close: "stdin" | "stdout" }
  | { readonly ends: "well" | "badly" | "somehow" }
  /** Standard error contains this text, sooner or later. */
  | { readonly told: string };

/** What a language has to support; `wire` needs no more than `jq`. */
export const PARTS = [
  "wire",
  "robust",
  "start",
  "output",
  "errors",
  "ask",
  "timers",
  "routes",
  "state",
  "acks",
  "keyed",
  "beside",
  "finish",
] as const;

export type Part = typeof PARTS[number];

export interface Exchange {
  readonly name: string;
  readonly part: Part;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** The id of the n-th message. */
export function id(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

/** A message as the engine writes it. */
export function say(n: number, type: string, message: unknown, more: object = {}): Line {
  return {
    message_type: type,
    receiver: "actor",
    sender_actor: "tester",
    sender_endpoint: "sluice://run",
    message_id: id(n),
    ...more,
    message,
  };
}

const engine = { sender_actor: "$engine" };
const ask = { headers: { ask: 5000 } };
const acks = { SLUICE_ACK: "1" };

function start(fields: object = {}): Line {
  return say(900, "Start", { name: "actor", key: null, args: null, state: null, ...fields }, engine);
}

const shutdown = say(999, "Shutdown", {}, engine);

function answer(n: number, type: string, message: unknown, more: object = {}): Line {
  return { message_type: type, receiver: "tester", correlation_id: id(n), ...more, message };
}

function failure(n: number, error: object, more: object = {}): Line {
  return { message_type: "Failure", receiver: "tester", correlation_id: id(n), ...more, error };
}

function reject(n: number, type: string): Line {
  return answer(n, "Reject", {
    message_type: type,
    reason: `Unknown message type: ${type}`,
    code: "UNKNOWN_TYPE",
    rejected_by: "actor",
  });
}

function question(name: string): Line {
  return {
    message_type: "Question",
    receiver: "oracle",
    message_id: `<uuid ${name}>`,
    headers: { ask: 60_000 },
    message: { text: "why" },
  };
}

function oracle(name: string, more: object): Line {
  return {
    message_type: "Reply",
    receiver: "actor",
    sender_actor: "oracle",
    message_id: id(800),
    correlation_id: `<uuid ${name}>`,
    ...more,
  };
}

const wanted = { to: "oracle", text: "why", timeout: 60_000 };

function exchange(part: Part, name: string, steps: readonly Step[], env?: Record<string, string>): Exchange {
  return env === undefined ? { part, name, steps } : { part, name, steps, env };
}

/** A message, and the line it gives. */
function pair(n: number): { readonly given: Line; readonly got: Line } {
  return { given: say(n, "Ping", { n }), got: answer(n, "Pong", { n }) };
}

const many = Array.from({ length: 500 }, (_, n) => pair(n));
const long = "ä".repeat(524_288);

const wire: readonly Exchange[] = [
  exchange("wire", "a reply carries the id of what it answers", [
    { give: [start(), pair(1).given] },
    { expect: [pair(1).got] },
  ]),
  exchange("wire", "messages are handled in their order, also several in one read", [
    { give: [start(), ...many.map(({ given }) => given)] },
    { expect: many.map(({ got }) => got) },
  ]),
  exchange("wire", "a line may come in pieces, cut at any byte", [
    { give: [start(), say(1, "Echo", { text: 'a — ü 🙂 \u2028 \\ " end' }), pair(2).given], pieceBytes: 1 },
    { expect: [answer(1, "Echo", { text: 'a — ü 🙂 \u2028 \\ " end' }), pair(2).got] },
  ]),
  exchange("wire", "a line of 1 MiB", [
    { give: [start(), say(1, "Echo", { text: long })] },
    { expect: [answer(1, "Echo", { text: long })] },
  ]),
  exchange("wire", "any JSON value is a payload", [
    {
      give: [
        start(),
        ...[null, 0, -1.5, "", true, [], [[1]], { a: { b: null } }].map((value, n) => say(n, "Echo", value)),
      ],
    },
    {
      expect: [null, 0, -1.5, "", true, [], [[1]], { a: { b: null } }].map((value, n) =>
        answer(n, "Echo", value)
      ),
    },
  ]),
  exchange("wire", "message: null, missing and additional fields, unknown keys of the envelope", [
    {
      give: [
        start(),
        say(1, "Ping", null),
        say(2, "Ping", {}),
        say(3, "Ping", { n: 3, more: [1] }),
        say(4, "Ping", { n: 4 }, { colour: "red", route: null, headers: null }),
        { message: { n: 5 }, message_id: id(5), sender_actor: "tester", message_type: "Ping" },
      ],
    },
    {
      expect: [
        answer(1, "Pong", { n: null }),
        answer(2, "Pong", { n: null }),
        pair(3).got,
        pair(4).got,
        pair(5).got,
      ],
    },
  ]),
  exchange("wire", "send goes to an actor, publish to a topic, and neither answers anything", [
    {
      give: [
        start(),
        say(1, "Tell", { to: "other", text: "hi" }),
        say(2, "Say", { topic: "a/b", text: "all" }),
      ],
    },
    {
      expect: [
        { message_type: "Told", receiver: "other", message: { text: "hi" } },
        { message_type: "Said", topic: "a/b", message: { text: "all" } },
      ],
    },
  ]),
  exchange("wire", "what is emitted has neither receiver nor topic nor correlation", [
    { give: [start(), say(1, "Emit", { n: 1 }), say(2, "Emit", "text")] },
    { expect: [{ message: { n: 1 } }, { message: "text" }] },
  ]),
  exchange("wire", "the end of input without Shutdown ends it well, a last line without its end counts", [
    { give: [start(), pair(1).given] },
    { close: "stdin" },
    { expect: [pair(1).got] },
    { ends: "well" },
  ]),
];

const robust: readonly Exchange[] = [
  exchange("robust", "a line that is no envelope is told and left out", [
    {
      give: [
        start(),
        "broken {",
        "",
        "[]",
        "5",
        '"text"',
        "null",
        '{"message_type":5}',
        '{"message_type":"Ping"} {"again":1}',
        "[".repeat(5000),
        pair(1).given,
      ],
    },
    { expect: [pair(1).got] },
    { told: "broken {" },
  ]),
  exchange("robust", "after Shutdown nothing more is handled", [
    { give: [start(), pair(1).given, shutdown, pair(2).given] },
    { expect: [pair(1).got] },
    { ends: "well" },
  ]),
  exchange("robust", "only the engine ends, starts and deactivates", [
    {
      give: [
        start({ args: 1 }),
        say(1, "Shutdown", {}),
        say(2, "Start", { name: "forged", key: null, args: 2, state: null }),
        say(3, "Deactivate", { key: null }),
        say(4, "Who", {}),
      ],
    },
    { expect: [answer(4, "Me", { name: "actor", key: null, args: 1, state: null })] },
  ]),
  exchange("robust", "an actor whose output nobody reads ends", [
    { give: [start()] },
    { close: "stdout" },
    { give: [say(1, "Many", { count: 3000 }), say(2, "Many", { count: 3000 })] },
    { ends: "somehow" },
  ]),
  exchange("robust", "what nobody sent is answered to nobody", [
    {
      give: [
        start(),
        { message_type: "Ping", receiver: "actor", message: { n: 1 } },
        { message_type: "Nothing", receiver: "actor", sender_actor: null, message: {} },
        pair(2).given,
      ],
    },
    { expect: [pair(2).got] },
  ]),
  exchange("robust", "a thousand messages sent while one is handled", [
    { give: [start(), say(1, "Many", { count: 1000 })] },
    {
      expect: [
        ...Array.from({ length: 1000 }, (_, n) => ({
          message_type: "Item",
          receiver: "tester",
          message: { n },
        })),
        answer(1, "Done", {}),
      ],
    },
  ]),
];

const starting: readonly Exchange[] = [
  exchange("start", "Start comes first and tells name, key, args and state", [
    { give: [start({ args: { greet: "host", list: [1] }, state: { count: 2 } }), say(1, "Who", {})] },
    {
      expect: [
        { message_type: "Started", receiver: "host", message: { name: "actor", key: null } },
        answer(1, "Me", {
          name: "actor",
          key: null,
          args: { greet: "host", list: [1] },
          state: { count: 2 },
        }),
      ],
    },
  ]),
];

const output: readonly Exchange[] = [
  exchange("output", "what is printed goes to standard error", [
    { give: [start(), say(1, "Print", { text: '{"message_type":"Forged"}' }), pair(2).given] },
    { expect: [answer(1, "Printed", {}), pair(2).got] },
    { told: '{"message_type":"Forged"}' },
  ]),
];

const errors: readonly Exchange[] = [
  exchange("errors", "an unknown type is rejected, to one who asks by a failure", [
    { give: [start(), say(1, "Nope", {}), say(2, "Nope", {}, ask), pair(3).given] },
    {
      expect: [
        reject(1, "Nope"),
        failure(2, { code: "UNKNOWN_TYPE", message: "Unknown message type: Nope" }),
        pair(3).got,
      ],
    },
  ]),
  exchange("errors", "built-in messages, replies and failures without a handler are ignored", [
    {
      give: [
        start(),
        say(1, "Reject", { message_type: "Ping", reason: "Actor 'x' not found" }, engine),
        say(2, "Late", {}, { correlation_id: id(700) }),
        say(3, "Failure", null, { error: { code: "X", message: "x" }, correlation_id: id(701) }),
        say(4, "Other", {}, { sender_actor: "$registry" }),
        say(5, "News", {}, { topic: "news" }),
        pair(6).given,
      ],
    },
    { expect: [pair(6).got] },
  ]),
  exchange("errors", "a business error is a failure reply, and the actor goes on", [
    { give: [start(), say(1, "Fail", { how: "business", text: "only 3" }), pair(2).given] },
    {
      expect: [failure(1, { code: "NO_FUNDS", message: "only 3", details: { balance: 3 } }), pair(2).got],
    },
  ]),
  exchange("errors", "an unexpected error is told on standard error, to one who asks as HANDLER_ERROR", [
    {
      give: [
        start(),
        say(1, "Fail", { how: "unexpected", text: "zut" }),
        say(2, "Fail", { how: "unexpected", text: "zut" }, ask),
        pair(3).given,
      ],
    },
    { expect: [failure(2, { code: "HANDLER_ERROR", message: "<text>" }), pair(3).got] },
    { told: "zut" },
  ]),
  exchange("errors", "a fatal error ends the process, after what was sent before", [
    { give: [start(), pair(1).given, say(2, "Fail", { how: "fatal", text: "done for" }), pair(3).given] },
    { expect: [pair(1).got] },
    { ends: "badly" },
    { told: "done for" },
  ]),
];

const asking: readonly Exchange[] = [
  exchange("ask", "an ask gives the payload of its reply", [
    { give: [start(), say(1, "Ask", wanted)] },
    { expect: [question("q")] },
    { give: [oracle("q", { message: { because: "ü" } })] },
    { expect: [answer(1, "Answer", { reply: { because: "ü" } })] },
  ]),
  exchange("ask", "a failure reply is an error with its code", [
    { give: [start(), say(1, "Ask", wanted)] },
    { expect: [question("q")] },
    { give: [oracle("q", { error: { code: "DEADLOCK", message: "a > b > a" }, message: null })] },
    { expect: [answer(1, "Answer", { code: "DEADLOCK" })] },
  ]),
  exchange("ask", "without any reply it is late", [
    { give: [start(), say(1, "Ask", { ...wanted, timeout: 50 })] },
    { expect: [{ ...Object(question("q")), headers: { ask: 50 } }] },
    { expect: [answer(1, "Answer", { code: "TIMEOUT" })] },
    { give: [oracle("q", { message: { late: true } }), pair(2).given] },
    { expect: [pair(2).got] },
  ]),
  exchange("ask", "what comes while an ask waits is handled afterwards, in its order", [
    { give: [start(), say(1, "Ask", wanted), pair(2).given] },
    { expect: [question("q")] },
    { give: [pair(3).given, pair(4).given, oracle("q", { message: 1 }), pair(5).given] },
    { expect: [answer(1, "Answer", { reply: 1 }), pair(2).got, pair(3).got, pair(4).got, pair(5).got] },
  ]),
  exchange("ask", "an ask while another message asks too waits for its turn", [
    { give: [start(), say(1, "Ask", wanted), say(2, "Ask", wanted)] },
    { expect: [question("q")] },
    { give: [oracle("q", { message: 1 })] },
    { expect: [answer(1, "Answer", { reply: 1 }), question("r")] },
    { give: [oracle("r", { message: 2 })] },
    { expect: [answer(2, "Answer", { reply: 2 })] },
  ]),
  exchange("ask", "a Shutdown waits until the ask has its reply", [
    { give: [start(), say(1, "Ask", wanted), shutdown] },
    { expect: [question("q")] },
    { give: [oracle("q", { message: 1 })] },
    { expect: [answer(1, "Answer", { reply: 1 })] },
    { ends: "well" },
  ]),
  exchange("ask", "an ask ends with the input", [
    { give: [start(), say(1, "Ask", wanted)] },
    { expect: [question("q")] },
    { close: "stdin" },
    { expect: [answer(1, "Answer", { code: "CLOSED" })] },
    { ends: "well" },
  ]),
];

function timer(type: string, message: object): Line {
  return { message_type: type, receiver: "$timer", message };
}

function timeout(n: number, timerId: unknown): Line {
  return say(n, "Timeout", { id: timerId }, { sender_actor: "$timer" });
}

function ticked(timerId: unknown): Line {
  return { message_type: "Ticked", receiver: "tester", message: { id: timerId } };
}

const timers: readonly Exchange[] = [
  exchange("timers", "a timer fires once", [
    { give: [start(), say(1, "SetOnce", { id: 7, after: 1500 })] },
    { expect: [timer("Once", { id: 7, after: 1500 })] },
    { give: [timeout(2, 7)] },
    { expect: [ticked(7)] },
  ]),
  exchange("timers", "a timer fires again and again until it is cancelled, and not once more", [
    { give: [start(), say(1, "SetEvery", { id: "beat", every: 250 })] },
    { expect: [timer("Every", { id: "beat", every: 250 })] },
    { give: [timeout(2, "beat"), timeout(3, "beat"), say(4, "Unset", { id: "beat" }), timeout(5, "beat")] },
    { expect: [ticked("beat"), ticked("beat"), timer("Cancel", { id: "beat" })] },
    { give: [say(6, "SetOnce", { id: "beat", after: 10 }), timeout(7, "beat")] },
    { expect: [timer("Once", { id: "beat", after: 10 }), ticked("beat")] },
  ]),
];

const ahead = { actors: ["a", "actor", "b"], current: 1, metadata: { n: 1 } };

const routes: readonly Exchange[] = [
  exchange("routes", "a message goes on to the next actor of its route, with its headers", [
    { give: [start(), say(1, "Pass", { text: "ü" }, { route: ahead, headers: { trace: 1 } })] },
    {
      expect: [{
        message_type: "Pass",
        route: { ...ahead, current: 2 },
        headers: { trace: 1 },
        message: { text: "ü" },
      }],
    },
  ]),
  exchange("routes", "actors can be put in between; without a route it is at its end", [
    { give: [start(), say(1, "Pass", { then: ["x", "y"] }, { route: ahead }), say(2, "Pass", {})] },
    {
      expect: [
        {
          message_type: "Pass",
          route: { actors: ["a", "actor", "x", "y", "b"], current: 2, metadata: { n: 1 } },
          message: { then: ["x", "y"] },
        },
        { message_type: "Pass", route: { actors: ["actor"], current: 1 }, message: {} },
      ],
    },
  ]),
  exchange("routes", "a failure leaves the route where it is, for error-end, and is acknowledged", [
    {
      give: [
        start(),
        say(1, "Fail", { how: "business", text: "x" }, { route: ahead, headers: { trace: 1 } }),
        say(2, "Fail", { how: "unexpected", text: "zut" }, { route: ahead }),
        say(3, "Nope", 5, { route: ahead }),
      ],
    },
    {
      expect: [
        ack(900),
        {
          message_type: "Fail",
          route: ahead,
          headers: { trace: 1 },
          error: { code: "NO_FUNDS", message: "x", details: { balance: 3 } },
          message: { how: "business", text: "x" },
        },
        ack(1),
        {
          message_type: "Fail",
          route: ahead,
          error: { code: "HANDLER_ERROR", message: "<text>" },
          message: { how: "unexpected", text: "zut" },
        },
        ack(2),
        {
          message_type: "Nope",
          route: ahead,
          error: { code: "UNKNOWN_TYPE", message: "Unknown message type: Nope" },
          message: 5,
        },
        ack(3),
      ],
    },
  ], acks),
];

function saved(state: unknown, more: object = {}): Line {
  return { message_type: "Save", receiver: "$state", ...more, message: state };
}

const state: readonly Exchange[] = [
  exchange("state", "a state is saved, and goes on from what Start gave", [
    { give: [start({ state: { count: 40 } }), say(1, "Add", { n: 2 }), say(2, "Add", { n: 1 })] },
    {
      expect: [
        saved({ count: 42 }),
        answer(1, "Total", { count: 42 }),
        saved({ count: 43 }),
        answer(2, "Total", { count: 43 }),
      ],
    },
  ]),
  exchange("state", "a state is loaded by asking $state", [
    { give: [start(), say(1, "Load", {})] },
    {
      expect: [
        {
          message_type: "Load",
          receiver: "$state",
          message_id: "<uuid q>",
          headers: { ask: 5000 },
          message: {},
        },
      ],
    },
    { give: [oracle("q", { sender_actor: "$state", message: { state: [1] } })] },
    { expect: [answer(1, "Loaded", { state: [1] })] },
  ]),
  exchange("state", "a state that was not saved is saved at the end", [
    { give: [start(), say(1, "Note", { text: "ü" }), shutdown] },
    { expect: [saved({ note: "ü" })] },
    { ends: "well" },
  ]),
];

function ack(n: number): Line {
  return { ack: id(n) };
}

const acknowledged: readonly Exchange[] = [
  exchange("acks", "every message is acknowledged after what it gave", [
    {
      give: [
        start(),
        pair(1).given,
        say(2, "Nope", {}),
        say(3, "Fail", { how: "business", text: "x" }),
        say(4, "Late", {}, { correlation_id: id(700) }),
        shutdown,
      ],
    },
    {
      expect: [
        ack(900),
        pair(1).got,
        ack(1),
        reject(2, "Nope"),
        ack(2),
        failure(3, { code: "NO_FUNDS", message: "x", details: { balance: 3 } }),
        ack(3),
        ack(4),
        ack(999),
      ],
    },
    { ends: "well" },
  ], acks),
  exchange("acks", "an unexpected error is not: nack", [
    { give: [start(), say(1, "Fail", { how: "unexpected", text: "zut" }), pair(2).given] },
    {
      expect: [
        ack(900),
        { nack: id(1), error: { code: "HANDLER_ERROR", message: "<text>" } },
        pair(2).got,
        ack(2),
      ],
    },
  ], acks),
  exchange("acks", "the reply that an ask waits for is acknowledged after what came before it", [
    { give: [start(), say(1, "Ask", wanted), pair(2).given] },
    { expect: [ack(900), question("q")] },
    { give: [oracle("q", { message: 1 })] },
    {
      expect: [answer(1, "Answer", { reply: 1 }), ack(1), pair(2).got, ack(2), ack(800)],
    },
  ], acks),
];

const hosted = { SLUICE_ACK: "1", SLUICE_SUPERVISOR: "keyed" };
const ann = { receiver: "actor/ann" };
const bob = { receiver: "actor/bob" };
const byAnn = { sender_key: "ann" };
const byBob = { sender_key: "bob" };

const keyed: readonly Exchange[] = [
  exchange("keyed", "instances of a host have a key and a state each", [
    {
      give: [
        start({ args: { greet: "host" } }),
        say(1, "Activate", { key: "ann", state: { count: 5 } }, { ...engine, ...ann }),
        say(2, "Activate", { key: "bob", state: null }, { ...engine, ...bob }),
        say(3, "Add", { n: 1 }, ann),
        say(4, "Add", { n: 1 }, bob),
        say(5, "Who", {}, ann),
      ],
    },
    {
      expect: [
        ack(900),
        { message_type: "Started", receiver: "host", ...byAnn, message: { name: "actor", key: "ann" } },
        ack(1),
        { message_type: "Started", receiver: "host", ...byBob, message: { name: "actor", key: "bob" } },
        ack(2),
        saved({ count: 6 }, byAnn),
        answer(3, "Total", { count: 6 }, byAnn),
        ack(3),
        saved({ count: 1 }, byBob),
        answer(4, "Total", { count: 1 }, byBob),
        ack(4),
        answer(5, "Me", { name: "actor", key: "ann", args: { greet: "host" }, state: { count: 6 } }, byAnn),
        ack(5),
      ],
    },
  ], hosted),
  exchange("keyed", "Deactivate is answered by the state; the instance comes back with what Activate gives", [
    {
      give: [
        start(),
        say(1, "Activate", { key: "ann", state: { count: 1 } }, { ...engine, ...ann }),
        say(2, "Deactivate", { key: "ann" }, { ...engine, ...ann }),
        say(3, "Activate", { key: "ann", state: { count: 9 } }, { ...engine, ...ann }),
        say(4, "Add", { n: 1 }, ann),
      ],
    },
    {
      expect: [
        ack(900),
        ack(1),
        saved({ count: 1 }, byAnn),
        ack(2),
        ack(3),
        saved({ count: 10 }, byAnn),
        answer(4, "Total", { count: 10 }, byAnn),
        ack(4),
      ],
    },
  ], hosted),
  exchange("keyed", "failures, timers and asks are the instance's; keys are any text", [
    {
      give: [
        start(),
        say(1, "Activate", { key: 'a/ü "', state: null }, { ...engine, receiver: 'actor/a/ü "' }),
        say(2, "Fail", { how: "business", text: "x" }, { receiver: 'actor/a/ü "' }),
        say(3, "SetOnce", { id: 1, after: 5 }, { receiver: 'actor/a/ü "' }),
      ],
    },
    {
      expect: [
        ack(900),
        ack(1),
        failure(2, { code: "NO_FUNDS", message: "x", details: { balance: 3 } }, { sender_key: 'a/ü "' }),
        ack(2),
        {
          message_type: "Once",
          receiver: "$timer",
          sender_key: 'a/ü "',
          message: { id: 1, after: 5 },
        },
        ack(3),
      ],
    },
  ], hosted),
  exchange("keyed", "at the end every instance saves what it has not saved", [
    {
      give: [
        start(),
        say(1, "Activate", { key: "ann", state: null }, { ...engine, ...ann }),
        say(2, "Activate", { key: "bob", state: { count: 1 } }, { ...engine, ...bob }),
        say(3, "Note", { text: "x" }, ann),
        shutdown,
      ],
    },
    {
      expect: [ack(900), ack(1), ack(2), ack(3), saved({ note: "x" }, byAnn), ack(999)],
    },
    { ends: "well" },
  ], hosted),
];

const crowd = { to: "other", after: 50, many: 8, count: 25, pad: "x".repeat(3000) };

const items: readonly Line[] = Array.from({ length: crowd.many * crowd.count }, (_, n) => ({
  message_type: "Item",
  receiver: "other",
  message: { n, pad: crowd.pad },
}));

const alone: readonly Exchange[] = [
  exchange("keyed", "an instance with a process of its own is activated too: its key is in Start", [
    { give: [start({ key: "ann", args: { woken: "host" }, state: { count: 1 } }), say(1, "Add", { n: 1 })] },
    {
      expect: [
        { message_type: "Woken", receiver: "host", message: { key: "ann" } },
        saved({ count: 2 }),
        answer(1, "Total", { count: 2 }),
      ],
    },
  ]),
];

const beside: readonly Exchange[] = [
  exchange("beside", "what is sent while no message is handled goes out at once, in whole lines", [
    { give: [start(), say(1, "Crowd", crowd)] },
    { expect: [answer(1, "Begun", {})] },
    { expect: items, order: "any" },
    { give: [pair(2).given] },
    { expect: [pair(2).got] },
  ]),
  exchange("beside", "and while an ask waits", [
    { give: [start(), say(1, "Crowd", crowd), say(2, "Ask", wanted)] },
    { expect: [answer(1, "Begun", {})] },
    { expect: [question("q"), ...items], order: "any" },
    { give: [oracle("q", { message: 1 })] },
    { expect: [answer(2, "Answer", { reply: 1 })] },
  ]),
];

const leave = { message_type: "Leave", receiver: "$flow" };

const finishing: readonly Exchange[] = [
  exchange("finish", "an actor says that the run is over, and goes on until Shutdown", [
    { give: [start(), say(1, "Finish", {}), say(2, "Finish", { reason: "enough" }), pair(3).given] },
    {
      expect: [
        { message_type: "Finish", receiver: "$flow", message: {} },
        { message_type: "Finish", receiver: "$flow", message: { reason: "enough" } },
        pair(3).got,
      ],
    },
  ]),
  exchange(
    "finish",
    "an actor that ends its process with 0 has handled what it had in hand, and nothing after it",
    [
      { give: [start(), pair(1).given, say(2, "Exit", { code: 0 }), pair(3).given] },
      { expect: [ack(900), pair(1).got, ack(1), answer(2, "Bye", {}), ack(2), leave] },
      { ends: "well" },
    ],
    acks,
  ),
  exchange("finish", "one whose acknowledgements nobody wants says no word of it", [
    { give: [start(), say(1, "Exit", { code: 0 }), pair(2).given] },
    { expect: [answer(1, "Bye", {})] },
    { ends: "well" },
  ]),
  exchange("finish", "with another code it has not, but what it sent before goes out", [
    { give: [start(), say(1, "Exit", { code: 3 }), pair(2).given] },
    { expect: [ack(900), answer(1, "Bye", {})] },
    { ends: "badly" },
  ], acks),
];

const ownErrors: readonly Exchange[] = [
  exchange("errors", "a business error of a timer or a reply is the actor's own: nobody is answered", [
    {
      give: [
        start(),
        timeout(1, "fail"),
        say(2, "Fail", { how: "business", text: "of a reply" }, { correlation_id: id(700) }),
        pair(3).given,
      ],
    },
    { expect: [pair(3).got] },
    { told: "too late" },
    { told: "of a reply" },
  ]),
  exchange("errors", "an actor's own error is not acknowledged: nack", [
    { give: [start(), timeout(1, "fail"), pair(2).given] },
    {
      expect: [
        ack(900),
        { nack: id(1), error: { code: "NO_FUNDS", message: "too late" } },
        pair(2).got,
        ack(2),
      ],
    },
  ], acks),
  exchange(
    "errors",
    "an error of a record is a failure reply without a receiver, and so is a type that nobody handles",
    [
      {
        give: [
          start(),
          record(1, "Fail", { how: "business", text: "x" }),
          record(2, "Nope", 5),
          record(3, "Fail", { how: "unexpected", text: "zut" }),
          pair(4).given,
        ],
      },
      {
        expect: [
          recordFailure(1, { code: "NO_FUNDS", message: "x", details: { balance: 3 } }),
          recordFailure(2, { code: "UNKNOWN_TYPE", message: "Unknown message type: Nope" }),
          recordFailure(3, { code: "HANDLER_ERROR", message: "<text>" }),
          pair(4).got,
        ],
      },
    ],
  ),
];

/** A message that nobody has sent: a line of a stream. */
function record(n: number, type: string, message: unknown): Line {
  return { message_type: type, receiver: "actor", message_id: id(n), message };
}

function recordFailure(n: number, error: object): Line {
  return { message_type: "Failure", correlation_id: id(n), error };
}

/** All exchanges, simple ones first. */
export const EXCHANGES: readonly Exchange[] = [
  ...wire,
  ...robust,
  ...starting,
  ...output,
  ...errors,
  ...asking,
  ...timers,
  ...routes,
  ...state,
  ...acknowledged,
  ...keyed,
  ...alone,
  ...beside,
  ...finishing,
  ...ownErrors,
];
