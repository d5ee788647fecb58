/**
 * The page begins: with what lies in it, or with what the server tells.
 */
import { render } from "preact";
import { App } from "./app.tsx";
import { firstState, follow, readEmbedded } from "./connect.ts";
import { Store } from "./page_state.ts";
import type { PageRun } from "../page_run.ts";

const place = document.getElementById("page");
if (place === null) throw new Error("the page has no place for what it shows");

const begin = (run: PageRun): Store => {
  const store = new Store(firstState(run));
  render(<App store={store} />, place);
  return store;
};

const embedded = readEmbedded();
if (embedded !== null) begin(embedded);
else {
  render(<p class="empty" role="status">Waiting for the run…</p>, place);
  follow(begin, (text) => render(<p class="empty" role="alert">{text}</p>, place));
}
