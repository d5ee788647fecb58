/** A client of the chat completions API, streaming, with tool calls. */

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
}

export interface Completion {
  readonly text: string;
  readonly calls: readonly ToolCall[];
}

export interface Question {
  readonly url: string;
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Gets each piece of text as it comes. */
  readonly onText: (piece: string) => void;
  /** @default 60 000 */
  readonly timeoutMs?: number;
}

/** The part of a chunk that is looked at. */
interface Chunk {
  readonly choices?: readonly {
    readonly delta?: {
      readonly content?: string | null;
      readonly tool_calls?: readonly {
        readonly index: number;
        readonly id?: string;
        readonly function?: { readonly name?: string; readonly arguments?: string };
      }[];
    };
    readonly finish_reason?: string | null;
  }[];
}

/** Asks once; what the model says and which tools it wants called. */
export async function complete(
  { url, key, body, onText, timeoutMs = 60_000 }: Question,
): Promise<Completion> {
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ ...body, stream: true }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok || response.body === null) {
    throw new Error(`The model's server says ${response.status}: ${(await response.text()).slice(0, 200)}`);
  }
  let text = "";
  let isFinished = false;
  const calls: { id: string; name: string; arguments: string }[] = [];
  for await (const data of serverSentData(response.body)) {
    const chunk: Chunk = JSON.parse(data);
    for (const { delta, finish_reason: reason } of chunk.choices ?? []) {
      isFinished ||= typeof reason === "string";
      const piece = delta?.content ?? "";
      text += piece;
      if (piece !== "") onText(piece);
      for (const part of delta?.tool_calls ?? []) {
        const call = calls[part.index] ??= { id: "", name: "", arguments: "" };
        call.id += part.id ?? "";
        call.name += part.function?.name ?? "";
        call.arguments += part.function?.arguments ?? "";
      }
    }
  }
  if (!isFinished) throw new Error("The model's answer broke off");
  return { text, calls };
}

/** The data of server-sent events, up to `[DONE]`. */
async function* serverSentData(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("data:")) continue; // A comment, or the name of an event.
      const data = line.slice(5).trim();
      if (data === "[DONE]") return;
      yield data;
    }
  }
}
