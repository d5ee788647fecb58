/**
 * What happened: failures, rings of waiting, buffers that grew, and messages that were not delivered, newest first.
 */
import { useMemo } from "preact/hooks";
import { formatBytes } from "../../text/format_bytes.ts";
import { formatDuration } from "../../text/format_duration.ts";
import { makeOneLine } from "../../text/make_harmless.ts";
import type { PageGrowth, PageRing, PageRun, PageUndelivered } from "../page_run.ts";
import type { PageState, Store } from "./page_state.ts";

const SHOWN_MAX = 200;

type Happening =
  | {
    readonly kind: "failure";
    readonly at: number;
    readonly text: string;
    readonly actor: string | undefined;
  }
  | { readonly kind: "ring"; readonly at: number; readonly ring: PageRing }
  | { readonly kind: "growth"; readonly at: number; readonly growth: PageGrowth }
  | { readonly kind: "undelivered"; readonly at: number; readonly undelivered: PageUndelivered };

export function Events({ store, state: { run } }: { store: Store; state: PageState }) {
  const all = useMemo(() => listHappenings(run), [run.failures, run.rings, run.growths, run.undelivered]);
  return (
    <section class="events" aria-label="What happened" tabIndex={0}>
      {all.length === 0 && (
        <p class="empty">
          No failure, no ring of waiting, no buffer that had to grow, no message that was not delivered.
        </p>
      )}
      <ol>
        {all.slice(0, SHOWN_MAX).map((each, at) => (
          <li key={`${each.kind} ${each.at} ${at}`}>
            <span class="time">+{formatDuration(each.at - run.run.startedAt)}</span>
            <OneHappening store={store} happening={each} />
          </li>
        ))}
      </ol>
      {all.length > SHOWN_MAX && <p class="soft">{all.length - SHOWN_MAX} earlier ones</p>}
    </section>
  );
}

export function countHappenings({ failures, rings, growths, undelivered }: PageRun): number {
  return failures.length + rings.length + growths.length + undelivered.length;
}

function listHappenings({ failures, rings, growths, undelivered }: PageRun): readonly Happening[] {
  return [
    ...failures.map(({ at, text, actor }): Happening => ({ kind: "failure", at, text, actor })),
    ...rings.map((ring): Happening => ({ kind: "ring", at: ring.at, ring })),
    ...growths.map((growth): Happening => ({ kind: "growth", at: growth.at, growth })),
    ...undelivered.map((each): Happening => ({ kind: "undelivered", at: each.at, undelivered: each })),
  ].sort((a, b) => b.at - a.at);
}

function OneHappening({ store, happening }: { store: Store; happening: Happening }) {
  switch (happening.kind) {
    case "failure":
      return (
        <div>
          <p class="tone-failed">
            <span class="sign" aria-hidden="true">✗</span> Failure{" "}
            <ActorButton store={store} name={happening.actor} />
          </p>
          <pre class="text">{happening.text}</pre>
        </div>
      );
    case "ring":
      return <Ring store={store} ring={happening.ring} />;
    case "undelivered": {
      const { text, code, actor } = happening.undelivered;
      return (
        <div>
          <p>
            <span class="sign" aria-hidden="true">✉</span> Not delivered: {code}{" "}
            <ActorButton store={store} name={actor} />
          </p>
          <pre class="text">{text}</pre>
        </div>
      );
    }
    default:
      return <p>{growthText(happening.growth)}</p>;
  }
}

function growthText({ from, to, capacity, held, isSpilled, afterMs }: PageGrowth): string {
  const after = afterMs === undefined ? "" : `, after ${formatDuration(afterMs)} in which nothing moved`;
  if (from === undefined) return `The mailbox of ${to} has grown to ${capacity} messages${after}`;
  const holds = held === undefined
    ? ""
    : `; it holds ${formatBytes(held)}${isSpilled === true ? ", some on disk" : ""}`;
  return makeOneLine(`${from} → ${to} may hold ${formatBytes(capacity)} now${holds}${after}`);
}

const RING_TEXTS: Readonly<Record<PageRing["kind"], string>> = {
  bytes: "A ring of waiting: a buffer grew, and all went on",
  mailboxes: "A ring of full mailboxes: one of them grew",
  asks: "A ring of requests: one was answered with DEADLOCK",
  deadlock: "Deadlock: a ring that nobody can open",
};

function Ring({ store, ring: { kind, steps, actors } }: { store: Store; ring: PageRing }) {
  return (
    <div class="ring">
      <p class={kind === "deadlock" ? "tone-failed" : undefined}>
        <span class="sign" aria-hidden="true">⟳</span> {RING_TEXTS[kind]}
      </p>
      <ol>
        {steps.length > 0
          ? steps.map(({ waiter, does, from, to, waitsFor, heldBytes, capacityBytes }) => (
            <li key={`${waiter} ${from} ${to}`}>
              <ActorButton store={store} name={waiter} /> {does === "write"
                ? `waits to write ${from} → ${to} (full: ${formatBytes(heldBytes)} of ${
                  formatBytes(capacityBytes)
                })`
                : does === "read"
                ? `waits to read ${from} → ${to} (empty)`
                : "is not started"} and so for <ActorButton store={store} name={waitsFor} />
            </li>
          ))
          : actors.map((name, at) => (
            <li key={name}>
              <ActorButton store={store} name={name} /> waits for{" "}
              <ActorButton store={store} name={actors[(at + 1) % actors.length]} />
            </li>
          ))}
      </ol>
    </div>
  );
}

function ActorButton({ store, name }: { store: Store; name: string | undefined }) {
  return name === undefined
    ? null
    : (
      <button type="button" class="link" onClick={() => store.select({ kind: "actor", name })}>
        {makeOneLine(name)}
      </button>
    );
}
