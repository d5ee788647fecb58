/**
 * What people are told of messages.
 */
import type { RunEvent } from "../../core/event.ts";
import { formatDuration } from "./format_duration.ts";
import { makeHarmless } from "./make_harmless.ts";
import { makePaint } from "./paint.ts";

type Told = Extract<
  RunEvent,
  {
    readonly type:
      | "message-dead"
      | "message-broken"
      | "mailbox-grown"
      | "ask-ring"
      | "actor-log"
      | "actor-restarted";
  }
>;

/** One line for people, with its line break. */
export function formatMessageEvent(event: Told, { color }: { readonly color: boolean }): string {
  const text = makeHarmless(describe(event), { keepsColors: false });
  return `${makePaint(color)(event.type === "actor-log" ? "gray" : "yellow", text)}\n`;
}

function describe(event: Told): string {
  switch (event.type) {
    case "message-dead": {
      const sender = event.sender === "" ? "a record" : `"${event.sender}"`;
      const more = event.more === 0 ? "" : ` (and ${event.more} more like it)`;
      return `Cannot deliver "${event.messageType}" of ${sender} to "${event.receiver}": ${event.reason}${more}`;
    }
    case "message-broken": {
      const count = event.count === 1 ? "" : ` (${event.count} such lines so far)`;
      return `Cannot read a line of actor "${event.actor}": ${event.problem}${count}: ${event.line}`;
    }
    case "mailbox-grown":
      return `Mailboxes waited for each other (${
        event.ring.join(", ")
      }): that of "${event.actor}" holds ${event.size} now`;
    case "ask-ring":
      return `Requests waited for each other: ${
        event.ring.join(" → ")
      }; the last one was answered with DEADLOCK`;
    case "actor-log":
      return `${event.actor}: ${event.level}: ${event.text}${
        event.more === null ? "" : ` ${JSON.stringify(event.more)}`
      }`;
    case "actor-restarted": {
      const what = event.failures > 1 ? ` ${event.failures} times within its period` : "";
      const { failure } = event;
      const why = failure?.kind === "edge" ? ` (it ${failure.does} ${failure.port}: ${failure.reason})` : "";
      return `Actor "${event.actor}" ended${what}${why}; it is started again in ${
        formatDuration(event.delayMs)
      }`;
    }
  }
}
