/**
 * Figures of a run: by the OTLP names that `docs/telemetry.md` lists.
 */
import type { RunEvent } from "../../core/event.ts";
import { CUMULATIVE, toAttributes, toNanos } from "./otlp_json.ts";

export type Attributes = Readonly<Record<string, string>>;

/** A figure by its OTLP name, with its values by attributes. */
export interface Figure {
  readonly name: string;
  /** As UCUM has it: `By`, `s`, `{actor}`. */
  readonly unit: string;
  readonly description: string;
  /** A counter only grows. */
  readonly kind: "counter" | "gauge";
  readonly values: readonly { readonly attributes: Attributes; readonly value: number }[];
}

interface Counter {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** By attributes, as JSON. */
  readonly values: Map<string, number>;
}

const COUNTERS = {
  actors: ["sluice.actors", "{actor}", "Actors that have ended, by their states."],
  duration: ["sluice.actor.duration", "s", "How long processes of actors have run."],
  bytes: ["sluice.actor.io", "By", "Bytes that the engine has carried for actors, by direction."],
  messages: ["sluice.messages", "{message}", "Messages, by what has become of them."],
  restarts: ["sluice.restarts", "{restart}", "Tries after the first, and restarts of message actors."],
  failures: ["sluice.failures", "{failure}", "What went wrong, by kind."],
} as const;

type CounterName = keyof typeof COUNTERS;

export class RunMetrics {
  readonly #counters = new Map<CounterName, Counter>();
  #startedAt = 0;

  note(event: RunEvent): void {
    switch (event.type) {
      case "run-started":
        this.#startedAt = event.at;
        return;
      case "actor-ended": {
        const { state, durationMs, bytesIn, bytesOut } = event.result;
        this.#add("actors", { "sluice.actor.state": state });
        const actor = { "sluice.actor.name": event.actor };
        if (durationMs !== undefined) this.#add("duration", actor, durationMs / 1_000);
        if (bytesIn !== undefined) this.#add("bytes", { ...actor, "io.direction": "in" }, bytesIn);
        if (bytesOut !== undefined) this.#add("bytes", { ...actor, "io.direction": "out" }, bytesOut);
        return;
      }
      case "message":
        return this.#add("messages", { "sluice.message.step": event.step });
      case "actor-retried":
      case "actor-restarted":
        return this.#add("restarts", { "sluice.actor.name": event.actor });
      case "failure":
        return this.#add("failures", { "sluice.failure.kind": event.failure.kind });
      default:
        return;
    }
  }

  /** As OTLP wants them, those that were counted. */
  list(at: number): readonly object[] {
    return [...this.#counters.values()].map(({ name, unit, description, values }) => ({
      name,
      unit,
      description,
      sum: {
        aggregationTemporality: CUMULATIVE,
        isMonotonic: true,
        dataPoints: [...values].map(([attributes, value]) => ({
          attributes: toAttributes(JSON.parse(attributes) as Attributes),
          startTimeUnixNano: toNanos(this.#startedAt),
          timeUnixNano: toNanos(at),
          ...Number.isSafeInteger(value) && unit !== "s" ? { asInt: String(value) } : { asDouble: value },
        })),
      },
    }));
  }

  /** The same, for whoever writes them otherwise. */
  listFigures(): readonly Figure[] {
    return [...this.#counters.values()].map(({ values, ...counter }) => ({
      ...counter,
      kind: "counter",
      values: [...values].map(([attributes, value]) => ({
        attributes: JSON.parse(attributes) as Attributes, // As it was put in.
        value,
      })),
    }));
  }

  #add(name: CounterName, attributes: Attributes, value = 1): void {
    const [otlpName, unit, description] = COUNTERS[name];
    const counter = this.#counters.get(name) ?? { name: otlpName, unit, description, values: new Map() };
    this.#counters.set(name, counter);
    const key = JSON.stringify(attributes);
    counter.values.set(key, (counter.values.get(key) ?? 0) + value);
  }
}
