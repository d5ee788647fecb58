/** Speaks the streaming chat completions API, for the test: it calls tools, cuts lines anywhere, and fails once. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

interface Message {
  readonly role: string;
  readonly content: string;
}

const USES_TOOLS = [
  { index: 0, id: "call_a", type: "function", function: { name: "calculate", arguments: "" } },
  { index: 0, function: { arguments: '{"expression": "6 ' } },
  {
    index: 1,
    id: "call_b",
    type: "function",
    function: { name: "count_words", arguments: '{"text": "a bé c"}' },
  },
  { index: 0, function: { arguments: '* 7"}' } },
  {
    index: 2,
    id: "call_c",
    type: "function",
    function: { name: "calculate", arguments: '{"expression": "1/0"}' },
  },
];

const server = createServer((request, response) => void answer(request, response));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) console.log(`http://127.0.0.1:${address.port}/v1`);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = "";
  for await (const part of request) text += part;
  const { messages, stream, tools, model }: {
    messages: Message[];
    stream: boolean;
    tools: object[];
    model: string;
  } = JSON.parse(text);
  const isRight = request.url === "/v1/chat/completions" &&
    request.headers.authorization === "Bearer secret" &&
    stream && tools.length === 2 && model === "gpt-4o-mini" && messages[0]?.role === "system";
  const last = messages.at(-1);
  if (!isRight || last === undefined || last.content.includes("fail")) {
    response.writeHead(isRight ? 503 : 400).end(isRight ? "overloaded" : text);
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  await write(
    response,
    last.content.includes("times") && last.role === "user" ? calls() : words(messages, last),
  );
  response.end();
}

function calls(): readonly object[] {
  return USES_TOOLS.map((call) => ({ tool_calls: [call] }));
}

function words(messages: readonly Message[], last: Message): readonly object[] {
  const results = messages.filter(({ role }) => role === "tool").map(({ content }) => content).join(", ");
  const turn = messages.filter(({ role }) => role === "user").length;
  const text = last.role === "tool"
    ? `The tools say ${results} — voilà.`
    : `Turn ${turn}: «${last.content}».`;
  return text.split(/(?<= )/).map((content) => ({ content }));
}

/** Chunks in pieces of seven bytes, so that lines and characters are cut. */
async function write(response: ServerResponse, deltas: readonly object[]): Promise<void> {
  const chunks = [
    ...deltas.map((delta) => JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null }] })),
    JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
    "[DONE]",
  ];
  const bytes = Buffer.from(`: a comment\n\n${chunks.map((chunk) => `data: ${chunk}\n\n`).join("")}`);
  for (let place = 0; place < bytes.length; place += 7) {
    response.write(bytes.subarray(place, place + 7));
    await new Promise((settle) => setImmediate(settle));
  }
}
