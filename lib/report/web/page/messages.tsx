/**
 * Messages on their way: the last ones, or all steps of one that is followed.
 */
import { useMemo } from "preact/hooks";
import { formatBytes } from "../../text/format_bytes.ts";
import { makeOneLine } from "../../text/make_harmless.ts";
import type { PageMessage, PageRun } from "../page_run.ts";
import { traceMessage } from "../trace_message.ts";
import { shortMs } from "./actor_panel.tsx";
import type { PageState, Store } from "./page_state.ts";
import { VirtualList } from "./virtual_list.tsx";

const STEP_SIGNS = { sent: "↗", delivered: "↘", dead: "✗" } as const;

export function Messages({ store, state }: { store: Store; state: PageState }) {
  const { run, search, trace, selected } = state;
  const rows = useMemo(
    () =>
      trace === undefined
        ? run.messages.filter((message) => matches(message, search))
        : traceMessage(run.messages, trace),
    [run.messages, search, trace],
  );
  const first = rows[0]?.at ?? run.run.startedAt;
  const since = trace === undefined ? run.run.startedAt : first;
  const chosen = selected?.kind === "actor" ? selected.name : undefined;
  return (
    <section class="messages" aria-label="Messages">
      {trace === undefined ? <p class="hint">{hintOf(run)}</p> : (
        <div class="hint">
          <button type="button" onClick={() => store.set({ trace: undefined })}>All messages</button>{" "}
          <Way rows={rows} /> <code class="soft">{makeOneLine(trace)}</code>
        </div>
      )}
      <VirtualList<PageMessage>
        id="messages"
        label={trace === undefined ? "Messages" : "The way of a message"}
        rows={rows}
        rowHeight={26}
        keyOf={({ number }) => String(number)}
        isSelected={({ id }) => id === trace}
        choose={({ id }) => store.set({ trace: id })}
        draw={(message) => <MessageLine message={message} since={since} chosen={chosen} />}
        empty={search === "" ? "No message has been seen." : "No message matches."}
        staysAtEnd={trace === undefined}
      />
    </section>
  );
}

function hintOf({ messages, more, run }: PageRun): string {
  if (messages.length === 0) return "";
  const seen = more.messages > 0
    ? `The last ${messages.length} of ${messages.length + more.messages}`
    : String(messages.length);
  return `${seen} steps of messages${
    run.endedAt === undefined ? " so far" : ""
  }. Choose one to follow it through the actors.`;
}

/** `client → calculator → client, 1.2 ms` */
function Way({ rows }: { rows: readonly PageMessage[] }) {
  const names: string[] = [];
  for (const { sender, receiver } of rows) {
    for (const name of [sender, receiver]) if (name !== "" && names.at(-1) !== name) names.push(name);
  }
  const took = (rows.at(-1)?.at ?? 0) - (rows[0]?.at ?? 0);
  return (
    <b>
      {names.slice(0, 12).map(makeOneLine).join(" → ")}
      {names.length > 12 ? " → …" : ""}, {shortMs(took)}
    </b>
  );
}

function MessageLine(
  { message, since, chosen }: { message: PageMessage; since: number; chosen: string | undefined },
) {
  const { at, step, type, sender, receiver, bytes } = message;
  const mark = (name: string): string => name === chosen ? "name" : "";
  return (
    <div class="line message">
      <span class="time">+{shortMs(at - since)}</span>
      <span class={`sign ${step === "dead" ? "tone-failed" : "soft"}`} aria-hidden="true">
        {STEP_SIGNS[step]}
      </span>
      <span class="step">{step}</span>
      <span class="what">
        <b>{makeOneLine(type)}</b> <span class={mark(sender)}>{makeOneLine(sender) || "(record)"}</span> →
        {" "}
        <span class={mark(receiver)}>{makeOneLine(receiver)}</span>
      </span>
      <span class="figures">{formatBytes(bytes)}</span>
    </div>
  );
}

function matches({ id, correlationId = "", type, sender, receiver }: PageMessage, search: string): boolean {
  const looked = search.trim().toLowerCase();
  return looked === "" ||
    `${id}\n${correlationId}\n${type}\n${sender}\n${receiver}`.toLowerCase().includes(looked);
}

/** The actors that a message passes, which the graph marks. */
export function actorsOnWay({ run, trace }: PageState): ReadonlySet<string> | undefined {
  if (trace === undefined) return undefined;
  return new Set(
    traceMessage(run.messages, trace).flatMap(({ sender, receiver }) => [sender, receiver])
      // An address of a keyed actor is `actor/key`.
      .flatMap((address) => [address, address.slice(0, Math.max(0, address.lastIndexOf("/")))])
      .filter((name) => name !== ""),
  );
}
