/**
 * The whole page: the head, the list of actors, what is looked at, and what was chosen.
 */
import { useEffect, useMemo, useRef } from "preact/hooks";
import { makeOneLine } from "../../text/make_harmless.ts";
import { ActorList } from "./actor_list.tsx";
import { ActorPanel } from "./actor_panel.tsx";
import { showLayout } from "./connect.ts";
import { EdgePanel } from "./edge_panel.tsx";
import { countHappenings, Events } from "./events.tsx";
import { Graph } from "./graph.tsx";
import { lookAt } from "./graph_looks.ts";
import { Header } from "./header.tsx";
import { matchesSearch } from "./list_rows.ts";
import { actorsOnWay, Messages } from "./messages.tsx";
import type { PageState, Selected, Store, View } from "./page_state.ts";
import { useStore } from "./page_state.ts";
import { Tabs } from "./tabs.tsx";
import { TimeLine } from "./time_line.tsx";

export function App({ store }: { store: Store }) {
  const state = useStore(store);
  const { run, view, selected, open } = state;
  const searchBox = useRef<HTMLInputElement>(null);
  useEffect(() => void showLayout(store, open), [open]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => handleKey(store, searchBox.current, event);
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [store]);
  useEffect(() => {
    document.title = `${run.run.flow} (${run.run.state}) · Sluice`;
  }, [run.run.flow, run.run.state]);
  const marked = useMemo(() => markedNodes(state), [
    run.actors,
    run.messages,
    open,
    state.search,
    state.trace,
  ]);
  const names: Readonly<Record<View, string>> = {
    graph: "Graph",
    time: "Time line",
    messages: run.messages.length === 0 ? "Messages" : `Messages ${run.messages.length}`,
    events: countHappenings(run) === 0 ? "Events" : `Events ${countHappenings(run)}`,
  };
  return (
    <div class={`app${selected === undefined ? "" : " has-chosen"}`}>
      <Header store={store} state={state} searchBox={searchBox} />
      <ActorList store={store} state={state} />
      <main>
        <Tabs names={names} chosen={view} choose={(next) => store.set({ view: next })} />
        <div class="views" role="tabpanel" id="view" aria-labelledby={`tab-${view}`}>
          {view === "graph" && <Graph store={store} state={state} marked={marked} />}
          {view === "time" && <TimeLine store={store} state={state} />}
          {view === "messages" && <Messages store={store} state={state} />}
          {view === "events" && <Events store={store} state={state} />}
        </div>
        {view !== "time" && (
          <div class="below">
            <h2>Time line</h2>
            <TimeLine store={store} state={state} />
          </div>
        )}
      </main>
      {selected !== undefined && <Chosen store={store} state={state} selected={selected} />}
      <div class="aside" role="status" aria-live="polite">{state.said}</div>
    </div>
  );
}

function Chosen({ store, state: { run }, selected }: { store: Store; state: PageState; selected: Selected }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const title = selected.kind === "actor"
    ? selected.name
    : edgeTitle(run.edges.find(({ id }) => id === selected.id));
  return (
    <aside class="chosen" aria-label={selected.kind === "actor" ? "Actor" : "Edge"}>
      <div class="chosen-head">
        <h2 ref={heading}>{makeOneLine(title)}</h2>
        <button
          type="button"
          aria-label="Close"
          aria-keyshortcuts="Escape"
          onClick={() => store.select(undefined)}
        >
          ✕
        </button>
      </div>
      <div class="chosen-body">
        {selected.kind === "actor"
          ? <ActorPanel key={selected.name} store={store} run={run} name={selected.name} />
          : <EdgePanel store={store} run={run} id={selected.id} />}
      </div>
    </aside>
  );
}

function edgeTitle(edge: { readonly from: string; readonly to: string } | undefined): string {
  return edge === undefined ? "Edge" : `${edge.from} → ${edge.to}`;
}

/** `/` goes to the search; Escape takes back the last of what was chosen, searched or followed. */
function handleKey(store: Store, searchBox: HTMLInputElement | null, event: KeyboardEvent): void {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
    searchBox?.focus();
    searchBox?.select();
    return event.preventDefault();
  }
  if (event.key !== "Escape") return;
  const { selected, search, trace, filter } = store.state;
  if (isTyping && search !== "") store.set({ search: "" });
  else if (selected !== undefined) store.select(undefined);
  else if (trace !== undefined) store.set({ trace: undefined });
  else if (search !== "" || filter !== "all") store.set({ search: "", filter: "all" });
  if (isTyping) searchBox?.blur();
  event.preventDefault();
}

/** The nodes that a search or a message means; undefined when nothing is looked for. */
function markedNodes(state: PageState): ReadonlySet<string> | undefined {
  const { run, open, search } = state;
  const onWay = actorsOnWay(state);
  if (onWay === undefined && search.trim() === "") return undefined;
  const { nodeOf } = lookAt(run, open);
  const found = onWay ??
    new Set(run.actors.filter((actor) => matchesSearch(actor, search)).map(({ name }) => name));
  return new Set([...found].map(nodeOf));
}
