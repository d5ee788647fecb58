/**
 * What the page knows and what is looked at. Whoever changes something here is drawn in the next frame, however often it
 * changes until then.
 */
import { useEffect, useState } from "preact/hooks";
import type { PageLayout } from "../page_layout.ts";
import type { PageRun } from "../page_run.ts";

export const VIEWS = ["graph", "time", "messages", "events"] as const;
export type View = typeof VIEWS[number];

/** Which actors are listed. */
export const FILTERS = ["all", "running", "waiting", "full", "done", "failed"] as const;
export type Filter = typeof FILTERS[number];

export type Selected =
  | { readonly kind: "actor"; readonly name: string }
  | { readonly kind: "edge"; readonly id: number };

export interface PageState {
  readonly run: PageRun;
  /** What is drawn: that of the run, or the one for what is open. */
  readonly layout: PageLayout;
  /** `lost`: it is tried again. `none`: there is no server to listen to. */
  readonly connection: "open" | "lost" | "none";
  readonly view: View;
  readonly selected?: Selected | undefined;
  /** Groups and frames that are open. */
  readonly open: ReadonlySet<string>;
  readonly search: string;
  readonly filter: Filter;
  /** The id of the message whose way is shown. */
  readonly trace?: string | undefined;
  /** Said aloud by a screen reader. */
  readonly said: string;
}

export class Store {
  #state: PageState;
  #isAsked = false;
  readonly #listeners: Set<() => void>;

  constructor(state: PageState) {
    this.#state = state;
    this.#listeners = new Set();
  }

  get state(): PageState {
    return this.#state;
  }

  set(change: Partial<PageState>): void {
    this.#state = { ...this.#state, ...change };
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      for (const listener of this.#listeners) listener();
    });
  }

  select(selected: Selected | undefined): void {
    this.set({ selected });
  }

  toggle(name: string): void {
    const open = new Set(this.#state.open);
    if (!open.delete(name)) open.add(name);
    this.set({ open });
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** The state, and a new drawing with each change of it. */
export function useStore(store: Store): PageState {
  const [state, setState] = useState(store.state);
  useEffect(() => {
    setState(store.state);
    return store.listen(() => setState(store.state));
  }, [store]);
  return state;
}
