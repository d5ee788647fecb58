/**
 * All actors, one line each: how each stands, and how it spends its time.
 */
import { useMemo } from "preact/hooks";
import { formatBytes } from "../../text/format_bytes.ts";
import { makeOneLine } from "../../text/make_harmless.ts";
import type { PageActor } from "../page_actor.ts";
import type { PageGroup, PageRun } from "../page_run.ts";
import { groupText, groupTone, rateText, SIGNS, statusOf, toneOf, waitedMs } from "./facts.ts";
import type { ActorRow } from "./list_rows.ts";
import { listRows, matchesFilter } from "./list_rows.ts";
import type { Filter, PageState, Store } from "./page_state.ts";
import { FILTERS } from "./page_state.ts";
import { VirtualList } from "./virtual_list.tsx";

const FILTER_NAMES: Readonly<Record<Filter, string>> = {
  all: "All",
  running: "Running",
  waiting: "Waiting",
  full: "Held up",
  done: "Done",
  failed: "Failed",
};

export function ActorList({ store, state }: { store: Store; state: PageState }) {
  const { run, open, search, filter, selected } = state;
  const rows = useMemo(() => listRows(run, { open, search, filter }), [
    run.actors,
    run.groups,
    open,
    search,
    filter,
  ]);
  const at = run.run.endedAt ?? run.run.at;
  return (
    <section class="actors" aria-label="Actors">
      <Filters store={store} run={run} filter={filter} />
      <VirtualList<ActorRow>
        id="actors"
        label="Actors"
        rows={rows}
        rowHeight={38}
        keyOf={(row) => row.kind === "actor" ? `actor ${row.actor.name}` : `${row.kind} ${row.group.name}`}
        isSelected={(row) =>
          row.kind === "actor" && selected?.kind === "actor" && selected.name === row.actor.name}
        choose={(row) =>
          row.kind === "actor"
            ? store.select({ kind: "actor", name: row.actor.name })
            : store.toggle(row.group.name)}
        draw={(row) =>
          row.kind === "actor"
            ? <ActorLine actor={row.actor} depth={row.depth} at={at} />
            : <FoldLine group={row.group} depth={row.depth} isOpen={row.isOpen} />}
        empty={search === "" ? "No actor is so." : `No actor matches “${search}”.`}
      />
      {run.more.actors > 0 && <p class="more">{run.more.actors} more actors are not shown.</p>}
    </section>
  );
}

function Filters({ store, run, filter }: { store: Store; run: PageRun; filter: Filter }) {
  const counts = useMemo(() => {
    const counts = { all: 0, running: 0, waiting: 0, full: 0, done: 0, failed: 0 };
    for (const actor of run.actors) {
      for (const each of FILTERS) if (matchesFilter(actor, each)) counts[each] += 1;
    }
    return counts;
  }, [run.actors]);
  return (
    <div class="filters" role="group" aria-label="Which actors are listed">
      {FILTERS.filter((each) => counts[each] > 0 || each === filter || each === "all").map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === filter}
          class={each === "failed" || each === "full" ? `tone-${each}` : undefined}
          onClick={() => store.set({ filter: each })}
        >
          {FILTER_NAMES[each]} <span class="count">{counts[each]}</span>
        </button>
      ))}
    </div>
  );
}

function ActorLine({ actor, depth, at }: { actor: PageActor; depth: number; at: number }) {
  const tone = toneOf(actor);
  return (
    <div class="line" style={{ paddingLeft: `${8 + depth * 14}px` }}>
      <span class={`sign tone-${tone}`} aria-hidden="true">{SIGNS[tone]}</span>
      <span class="what">
        <span class="name">{makeOneLine(actor.name)}</span>
        <span class="status">{statusOf(actor, at)}</span>
      </span>
      <span class="figures">
        <span>{figureOf(actor)}</span>
        <Share actor={actor} at={at} />
      </span>
    </div>
  );
}

function figureOf({ state, rateOut, rateIn, bytesOut, bytesIn, messages }: PageActor): string {
  if (messages !== undefined) return `${messages.messagesIn} msg`;
  const rate = rateOut ?? rateIn;
  if (state === "running" && rate !== undefined && rate > 0) return rateText(rate);
  const bytes = bytesOut ?? bytesIn;
  return bytes === undefined ? "" : formatBytes(bytes);
}

/** How it has spent its time: working, waiting to read, waiting to write. */
function Share({ actor, at }: { actor: PageActor; at: number }) {
  const { startedAt, endedAt } = actor;
  if (startedAt === undefined) return null;
  const waited = { read: waitedMs(actor, "read", at), write: waitedMs(actor, "write", at) };
  const lived = Math.max(1, (endedAt ?? at) - startedAt, waited.read + waited.write);
  const read = waited.read / lived;
  const write = waited.write / lived;
  const text = `worked ${Math.round((1 - read - write) * 100)} %, waited ${
    Math.round(read * 100)
  } % to read, ${Math.round(write * 100)} % to write`;
  return (
    <span class="share" role="img" aria-label={text} title={text}>
      <span class="works" style={{ width: `${(1 - read - write) * 100}%` }} />
      <span class="reads" style={{ width: `${read * 100}%` }} />
      <span class="full" style={{ width: `${write * 100}%` }} />
    </span>
  );
}

function FoldLine({ group, depth, isOpen }: { group: PageGroup; depth: number; isOpen: boolean }) {
  const tone = groupTone(group);
  return (
    <div class="line fold" style={{ paddingLeft: `${8 + depth * 14}px` }}>
      <span class={`sign tone-${tone}`} aria-hidden="true">{isOpen ? "▾" : "▸"}</span>
      <span class="what">
        <span class="name">{makeOneLine(group.name)} ×{group.count}</span>
        <span class="status">{groupText(group)}</span>
      </span>
      <span class="aside">{isOpen ? "open" : "closed"}</span>
    </div>
  );
}
