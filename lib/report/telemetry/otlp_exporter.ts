/**
 * Sends a run to whoever takes OTLP over HTTP as JSON: an OpenTelemetry collector, Jaeger, Grafana. The run never waits
 * for it but at its end, and then not for long.
 */
import type { RunEvent } from "../../core/event.ts";
import { TELEMETRY_EACH_MS, TELEMETRY_SPANS_MAX, TELEMETRY_WAIT_MS } from "../../core/limits/streams.ts";
import type { TraceContext } from "../../core/trace.ts";
import type { EventLog } from "../sinks/event_log.ts";
import type { Span } from "./otlp_json.ts";
import { toAttributes } from "./otlp_json.ts";
import { RunMetrics } from "./run_metrics.ts";
import { RunSpans } from "./run_spans.ts";

export interface ExporterOptions {
  /** `/v1/traces` and `/v1/metrics` are put behind it. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the resource, `service.name` among them. */
  readonly resource: Readonly<Record<string, string>>;
  readonly version: string;
  readonly trace: TraceContext & { readonly parent?: string | undefined };
}

export class OtlpExporter implements EventLog {
  /** Why something has not arrived; the first reason. */
  problem: string | undefined;
  readonly #options: ExporterOptions;
  readonly #metrics = new RunMetrics();
  readonly #spans: RunSpans;
  #timer: ReturnType<typeof setInterval> | undefined;
  #waiting: Span[] = [];
  #sending: Promise<void> = Promise.resolve();
  #at = 0;

  constructor(options: ExporterOptions) {
    this.#options = options;
    this.#spans = new RunSpans(options.trace, (span) => this.#keep(span));
  }

  write(event: RunEvent): void {
    // Not before: what is asked for may yet be refused, and a timer would keep the program.
    this.#timer ??= setInterval(() => this.#flush(), TELEMETRY_EACH_MS);
    this.#at = event.at;
    this.#metrics.note(event);
    this.#spans.note(event);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#flush();
    await this.#sending;
  }

  #keep(span: Span): void {
    // Whoever takes them may be slow, or not there: memory is bounded, and what is left out is told.
    if (this.#waiting.length >= TELEMETRY_SPANS_MAX) {
      this.problem ??= `more than ${TELEMETRY_SPANS_MAX} spans had to wait`;
      return;
    }
    this.#waiting.push(span);
  }

  #flush(): void {
    const spans = this.#waiting;
    const metrics = this.#metrics.list(this.#at);
    this.#waiting = [];
    const scope = { name: "sluice", version: this.#options.version };
    const resource = { attributes: toAttributes(this.#options.resource) };
    this.#sending = this.#sending.then(async () => {
      if (spans.length > 0) {
        await this.#send("v1/traces", { resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] });
      }
      if (metrics.length > 0) {
        await this.#send("v1/metrics", {
          resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }],
        });
      }
    });
  }

  async #send(path: string, body: object): Promise<void> {
    if (this.problem !== undefined) return;
    const { endpoint, headers } = this.#options;
    try {
      const answer = await fetch(`${endpoint.replace(/\/+$/, "")}/${path}`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TELEMETRY_WAIT_MS),
      });
      await answer.arrayBuffer(); // A connection is free again when the answer was read.
      if (!answer.ok) this.problem = `it answers ${answer.status} to ${path}`;
    } catch (error) {
      this.problem = reasonOf(error);
    }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // What is the matter stands one level below, on Node.
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}
