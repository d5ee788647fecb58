/**
 * Where the data comes from: it lies in the page (a report), or the server tells it.
 */
import { applyChange } from "../apply_change.ts";
import type { PageChange, PageOrder } from "../page_change.ts";
import type { PageLayout } from "../page_layout.ts";
import type { PageRun } from "../page_run.ts";
import { layHere } from "./lay_here.ts";
import type { PageState, Store } from "./page_state.ts";

/** What a report has in it; null in the page that a server sends. */
export function readEmbedded(): PageRun | null {
  // Written by the same program that wrote the page.
  return JSON.parse(document.getElementById("run")?.textContent ?? "null") as PageRun | null;
}

export function firstState(run: PageRun): PageState {
  const layout = run.layout ?? layHere(run);
  return {
    run,
    layout,
    connection: run.use === "live" ? "open" : "none",
    view: "graph",
    open: new Set(layout.open),
    search: "",
    filter: "all",
    said: "",
  };
}

/** Asks for the run as it is, and calls with it once; then the store follows what the server tells. */
export function follow(begin: (run: PageRun) => Store, fail: (text: string) => void): void {
  let store: Store | undefined;
  let waiting: PageChange[] = [];
  let isAsked = false;
  const events = new EventSource("/events");

  const applyAll = (): void => {
    isAsked = false;
    const changes = waiting;
    waiting = [];
    if (store === undefined || changes.length === 0) return;
    const { run, open } = store.state;
    const after = changes.reduce(applyChange, run);
    store.set({ run: after, said: toSay(run, after) ?? store.state.said });
    if (needsLayout(run, after)) void showLayout(store, open);
    if (after.run.endedAt !== undefined) events.close();
  };
  // Data of the events is by the types that the server has, too.
  events.addEventListener("snapshot", ({ data }) => {
    const run = JSON.parse(data) as PageRun;
    waiting = [];
    if (store === undefined) store = begin(run);
    else {
      store.set({ run, connection: "open" });
      void showLayout(store, store.state.open);
    }
    if (run.run.endedAt !== undefined) events.close();
  });
  events.addEventListener("change", ({ data }) => {
    waiting.push(JSON.parse(data) as PageChange);
    // A page in the background is not drawn, and yet must not gather changes for ever.
    if (document.hidden) return applyAll();
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(applyAll);
  });
  events.addEventListener("open", () => store?.set({ connection: "open" }));
  events.addEventListener("error", () => {
    if (store === undefined) fail("The program that serves this page does not answer.");
    else if (store.state.run.run.endedAt === undefined) store.set({ connection: "lost" });
  });
}

function needsLayout(before: PageRun, after: PageRun): boolean {
  return before.layout !== after.layout || after.layout === undefined &&
      (before.actors.length !== after.actors.length || before.edges.length !== after.edges.length ||
        before.talks.length !== after.talks.length);
}

/** Shows the layout for what is open: that of the run, one that is asked for, or one that is made here. */
export async function showLayout(store: Store, open: ReadonlySet<string>): Promise<void> {
  const layout = await findLayout(store.state.run, open);
  // Something else may have been opened meanwhile.
  if (store.state.open === open) store.set({ layout });
}

async function findLayout(run: PageRun, open: ReadonlySet<string>): Promise<PageLayout> {
  const { layout } = run;
  if (
    layout !== undefined && open.size === layout.open.length && layout.open.every((name) => open.has(name))
  ) {
    return layout;
  }
  if (run.use === "report") return layHere(run, open);
  // Without any name it would be what is open at first.
  const asked = new URLSearchParams([...open, ""].map((name) => ["open", name]));
  try {
    const answer = await fetch(`/layout?${asked}`);
    return answer.ok ? await answer.json() as PageLayout : layHere(run, open);
  } catch {
    return layHere(run, open); // The server has ended: what is known here is enough.
  }
}

/** What has to be told aloud: how the run stands, not each figure. */
function toSay(before: PageRun, after: PageRun): string | undefined {
  if (before.run.state !== after.run.state) return `The run is ${after.run.state}.`;
  const [failure] = after.failures.slice(before.failures.length);
  if (failure !== undefined) return `A failure: ${failure.text.split("\n")[0]}`;
  return after.rings.at(-1) !== before.rings.at(-1) ? "A ring of waiting has closed." : undefined;
}

/** Asks the engine for something; what it says when it does not. */
export async function order(order: PageOrder): Promise<string | undefined> {
  try {
    const answer = await fetch("/control", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(order),
    });
    return answer.ok ? undefined : await answer.text();
  } catch {
    return "The program that serves this page does not answer.";
  }
}

/** A part of a captured stream as text, and how many bytes the stream has. */
export async function readPart(
  name: string,
  part: "head" | "tail",
): Promise<{ readonly text: string; readonly size: number } | undefined> {
  try {
    const answer = await fetch(`/stream?${new URLSearchParams({ name, part })}`);
    return answer.ok
      ? { text: await answer.text(), size: Number(answer.headers.get("x-sluice-size")) }
      : undefined;
  } catch {
    return undefined; // The panel says that it cannot be read.
  }
}
