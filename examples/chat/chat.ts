/** A conversation: each line is a question, tool calls are asked of actors, the answer goes out piece by piece. */
import process from "node:process";
import { AskError, run, type Self } from "../../actors/typescript/sluice_actor.ts";
import { complete, type ToolCall } from "./completions.ts";

const ROUNDS_MAX = 5;

interface Emits {
  Call: unknown;
  Spawn: { name: string; actor: object };
  Stop: { name: string };
}

type Message = Readonly<Record<string, unknown>>;
type Me = Self<Emits, { messages: readonly Message[] }>;

interface Tool {
  readonly function: { readonly name: string };
  readonly actor: object;
}

interface Args {
  readonly system: string;
  readonly tools: readonly Tool[];
}

let spawned = 0;

run<{ Question: string }, Emits, { messages: readonly Message[] }>({
  Question: async (env, self) => {
    say(self, `> ${env.msg}\n`);
    const { system, tools } = self.args as Args; // From the flow file beside this one.
    const known = self.state?.messages ?? [{ role: "system", content: system }];
    try {
      const messages = await answer(self, {
        tools,
        messages: [...known, { role: "user", content: env.msg }],
      });
      self.save({ messages }); // So the conversation goes on after a crash.
    } catch (error) {
      say(self, `(${error instanceof Error ? error.message : error})`);
    }
    say(self, "\n");
  },
});

/** Lets the model and its tools take turns until it has nothing more to ask. */
async function answer(
  self: Me,
  { tools, messages }: { readonly tools: readonly Tool[]; readonly messages: readonly Message[] },
): Promise<readonly Message[]> {
  const said = [...messages];
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { text, calls } = await complete({
      url: process.env["OPENAI_BASE_URL"] ?? "https://api.openai.com/v1",
      key: process.env["OPENAI_API_KEY"] ?? "",
      body: {
        model: process.env["CHAT_MODEL"],
        messages: said,
        tools: tools.map((tool) => ({ type: "function", function: tool.function })),
      },
      onText: (piece) => say(self, piece),
    });
    const toolCalls = calls.map(({ id, name, arguments: text }) => ({
      id,
      type: "function",
      function: { name, arguments: text },
    }));
    said.push({ role: "assistant", content: text, ...(calls.length > 0 ? { tool_calls: toolCalls } : {}) });
    if (calls.length === 0) return said;
    const results = await Promise.all(calls.map((call) => callTool(self, { tools, call })));
    for (const [place, content] of results.entries()) {
      const { id, name, arguments: text } = calls[place] ?? { id: "", name: "", arguments: "" };
      say(self, `[${name} ${text}: ${content}]\n`);
      said.push({ role: "tool", tool_call_id: id, content });
    }
  }
  throw new Error(`The model wants more than ${ROUNDS_MAX} rounds of tools`);
}

/** An actor for the call, as long as it takes. Its failure is something the model can read, too. */
async function callTool(
  self: Me,
  { tools, call }: { readonly tools: readonly Tool[]; readonly call: ToolCall },
): Promise<string> {
  const tool = tools.find((each) => each.function.name === call.name);
  if (tool === undefined) return `NO_TOOL: there is no ${call.name}`;
  const name = `${call.name}_${++spawned}`;
  try {
    const wanted: unknown = JSON.parse(call.arguments);
    await self.ask("$spawn", "Spawn", { name, actor: tool.actor });
    const { result } = await self.ask<{ result: unknown }>(name, "Call", wanted, { timeoutMs: 30_000 });
    return JSON.stringify(result);
  } catch (error) {
    if (error instanceof AskError) return `${error.code}: ${error.message}`;
    if (error instanceof SyntaxError) return "BAD_ARGUMENTS: not JSON";
    throw error;
  } finally {
    self.send("$spawn", "Stop", { name });
  }
}

function say(self: Me, text: string): void {
  self.emit({ text });
}
