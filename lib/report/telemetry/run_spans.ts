/**
 * Events of a run as the spans of a trace: the run, each actor in it, its tries, and each message on its way.
 */
import type { RunEvent } from "../../core/event.ts";
import type { ActorResult } from "../../core/result.ts";
import type { TraceContext } from "../../core/trace.ts";
import { spanIdOf } from "../../core/trace.ts";
import { formatFailure } from "../text/failure_text.ts";
import type { AttributeValue, Span } from "./otlp_json.ts";
import { SPAN_INTERNAL, SPAN_PRODUCER, STATUS_ERROR, STATUS_OK, toAttributes, toNanos } from "./otlp_json.ts";

/** The name of the run's span among those of its trace; no actor is called so. */
const RUN = "";
/** Of messages that nobody has taken yet; beyond, the oldest are forgotten. */
const SENT_MAX = 10_000;

interface SpanOptions {
  readonly name: string;
  readonly parent?: string | undefined;
  readonly kind?: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Why it has failed; empty when it has not. */
  readonly problem?: string | undefined;
}

export class RunSpans {
  readonly #trace: TraceContext;
  readonly #parent: string | undefined;
  readonly #onSpan: (span: Span) => void;
  readonly #actors = new Map<string, { startedAt: number; triedAt: number; command: readonly string[] }>();
  readonly #problems = new Map<string, string>();
  readonly #sent = new Map<string, number>();
  /** Steps of messages that were told: one that is delivered again has another span. */
  #steps = 0;
  #run = { id: "", flow: "", startedAt: 0 };

  /** `parent` is the span that the run was started by, if any. */
  constructor(trace: TraceContext & { readonly parent?: string | undefined }, onSpan: (span: Span) => void) {
    this.#trace = trace;
    this.#parent = trace.parent;
    this.#onSpan = onSpan;
  }

  /** To be given every event. */
  note(event: RunEvent): void {
    switch (event.type) {
      case "run-started":
        this.#run = { id: event.run, flow: event.flow, startedAt: event.at };
        return;
      case "actor-started":
        if (this.#actors.has(event.actor)) this.#startTry(event.actor, event.at);
        else {
          this.#actors.set(event.actor, { startedAt: event.at, triedAt: event.at, command: event.command });
        }
        return;
      case "actor-retried":
        return this.#endTry(event);
      case "failure":
        if ("actor" in event.failure && typeof event.failure.actor === "string") {
          this.#problems.set(event.failure.actor, formatFailure(event.failure, { color: false }).trim());
        }
        return;
      case "actor-ended":
        return this.#endActor(event.actor, event.at, event.result);
      case "message":
        return this.#noteMessage(event);
      case "run-ended":
        return this.#endRun(event);
      default:
        return;
    }
  }

  #startTry(actor: string, at: number): void {
    const known = this.#actors.get(actor);
    if (known !== undefined) known.triedAt = at;
  }

  #endTry(event: Extract<RunEvent, { type: "actor-retried" }>): void {
    const { actor, attempt } = event;
    this.#tell(`${actor}\0${attempt}`, {
      name: `${actor} try ${attempt}`,
      parent: actor,
      startedAt: this.#actors.get(actor)?.triedAt ?? event.at,
      endedAt: event.at,
      attributes: { "sluice.actor.name": actor, "sluice.actor.attempt": attempt },
      problem: formatFailure(event.failure, { color: false }).trim(),
    });
  }

  #endActor(actor: string, at: number, result: ActorResult): void {
    const known = this.#actors.get(actor);
    this.#actors.delete(actor);
    this.#tell(actor, {
      name: actor,
      parent: RUN,
      startedAt: result.startedAt ?? known?.startedAt ?? at,
      endedAt: at,
      attributes: {
        "sluice.actor.name": actor,
        "sluice.actor.state": result.state,
        "sluice.actor.cached": result.cached,
        "sluice.actor.attempts": result.attempts,
        "sluice.actor.bytes_in": result.bytesIn,
        "sluice.actor.bytes_out": result.bytesOut,
        "sluice.actor.messages_in": result.messagesIn,
        "sluice.actor.messages_out": result.messagesOut,
        "sluice.actor.peak_memory": result.peakMemoryBytes,
        "process.pid": result.pid,
        "process.exit.code": result.exitCode,
        "process.command_args": known?.command,
      },
      problem: result.state === "failed" ? this.#problems.get(actor) ?? "failed" : undefined,
    });
  }

  #noteMessage(event: Extract<RunEvent, { type: "message" }>): void {
    const { id, step, sender, receiver, messageType, correlationId, bytes } = event;
    if (step === "sent") {
      this.#sent.set(id, event.at);
      if (this.#sent.size > SENT_MAX) {
        for (const [oldest] of this.#sent) return void this.#sent.delete(oldest);
      }
      return;
    }
    const sentAt = this.#sent.get(id) ?? event.at;
    const [from] = sender.split("/");
    this.#steps += 1;
    this.#tell(`message\0${id}\0${receiver}\0${this.#steps}`, {
      name: `${messageType} ${receiver}`,
      // What was asked for is a part of what has asked for it.
      parent: from === undefined || from === "" || from.startsWith("$") ? RUN : from,
      kind: SPAN_PRODUCER,
      startedAt: sentAt,
      endedAt: event.at,
      attributes: {
        "messaging.system": "sluice",
        "messaging.operation.name": "send",
        "messaging.destination.name": receiver,
        "messaging.message.id": id,
        "messaging.message.conversation_id": correlationId,
        "messaging.message.envelope.size": bytes,
        "sluice.message.type": messageType,
        "sluice.message.sender": sender,
      },
      problem: step === "dead" ? "nobody has handled it" : undefined,
    });
  }

  #endRun(event: Extract<RunEvent, { type: "run-ended" }>): void {
    const { id, flow, startedAt } = this.#run;
    this.#tell(RUN, {
      name: `run ${flow}`,
      startedAt,
      endedAt: event.at,
      attributes: {
        "sluice.run.id": id,
        "sluice.flow.name": flow,
        "sluice.run.state": event.state,
        "sluice.run.exit_code": event.exitCode,
      },
      problem: event.state === "done" ? undefined : event.state,
    });
  }

  #tell(key: string, { name, parent, kind = SPAN_INTERNAL, problem, ...span }: SpanOptions): void {
    const above = parent === undefined ? this.#parent : spanIdOf(this.#trace, parent);
    this.#onSpan({
      traceId: this.#trace.traceId,
      spanId: spanIdOf(this.#trace, key),
      ...above === undefined ? {} : { parentSpanId: above },
      name,
      kind,
      startTimeUnixNano: toNanos(span.startedAt),
      endTimeUnixNano: toNanos(span.endedAt),
      attributes: toAttributes(span.attributes),
      status: problem === undefined ? { code: STATUS_OK } : { code: STATUS_ERROR, message: problem },
    });
  }
}
