/**
 * What runs and how it stands, the sentence that says why it is slow, and the search.
 */
import type { RefObject } from "preact";
import { useMemo } from "preact/hooks";
import { formatDuration } from "../../text/format_duration.ts";
import { makeOneLine } from "../../text/make_harmless.ts";
import type { Explanation } from "../explain_run.ts";
import { explainRun, percent } from "../explain_run.ts";
import type { PageRun } from "../page_run.ts";
import type { PageState, Store } from "./page_state.ts";

const STATE_SIGNS: Readonly<Record<PageRun["run"]["state"], readonly [sign: string, tone: string]>> = {
  running: ["▶", "works"],
  paused: ["⏸", "paused"],
  stopping: ["■", "stopped"],
  done: ["✓", "done"],
  failed: ["✗", "failed"],
  stopped: ["■", "stopped"],
};

export interface HeaderProps {
  readonly store: Store;
  readonly state: PageState;
  readonly searchBox: RefObject<HTMLInputElement | null>;
}

export function Header({ store, state, searchBox }: HeaderProps) {
  const { run: { run }, connection, search } = state;
  const [sign, tone] = STATE_SIGNS[run.state];
  return (
    <header>
      <div class="title">
        <h1>{makeOneLine(run.flow)}</h1>
        <span class={`badge tone-${tone}`}>
          <span class="sign" aria-hidden="true">{sign}</span> {run.state}
          {run.exitCode === undefined || run.exitCode === 0 ? "" : `, exit ${run.exitCode}`}
        </span>
        <span class="elapsed">{formatDuration((run.endedAt ?? run.at) - run.startedAt)}</span>
        <Tally run={state.run} />
        {connection === "lost" && (
          <span class="badge tone-failed" role="status">connection lost, trying again</span>
        )}
      </div>
      <label class="search">
        <span class="aside">Search actors and messages</span>
        <input
          ref={searchBox}
          type="search"
          placeholder="Search  ( / )"
          value={search}
          aria-keyshortcuts="/"
          onInput={(event) => store.set({ search: event.currentTarget.value })}
        />
      </label>
      <Why store={store} run={state.run} />
    </header>
  );
}

function Tally({ run: { actors, more, run } }: { run: PageRun }) {
  const ended = actors.filter(({ state }) => state !== "waiting" && state !== "running").length;
  return (
    <span
      class="soft tally"
      title={makeOneLine(`${run.engine}${run.pid === undefined ? "" : `, process ${run.pid}`}`)}
    >
      {ended} of {actors.length + more.actors} actors ended
    </span>
  );
}

const MOOD_SIGNS = { fine: "✓", slow: "◆", bad: "✗" } as const;

function Why({ store, run }: { store: Store; run: PageRun }) {
  const found = useMemo(() => explainRun(run), [run]);
  const [actor] = found.actors;
  return (
    <div class={`why mood-${found.mood}`}>
      <p>
        <span class="sign" aria-hidden="true">{MOOD_SIGNS[found.mood]}</span> {makeOneLine(found.text)}{" "}
        {actor !== undefined && (
          <button
            type="button"
            onClick={() => store.select({ kind: "actor", name: actor })}
          >
            Show {makeOneLine(actor)}
          </button>
        )}
      </p>
      {found.weights.length > 0 && <Decision store={store} run={run} found={found} />}
    </div>
  );
}

/** What the sentence was decided by. */
function Decision({ store, run, found }: { store: Store; run: PageRun; found: Explanation }) {
  const isOver = run.run.endedAt !== undefined;
  return (
    <details>
      <summary>How this is decided</summary>
      <p>
        {isOver ? "Over the whole run" : "Over the last ten seconds"}{" "}
        it is added up how long others waited for an actor: to write to it, because its input was full, and to
        read from it, because its output was empty. That time is multiplied by the share of its own time in
        which it worked and did not wait itself. The largest product sets the pace.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">For whom</th>
            <th scope="col">worked</th>
            <th scope="col">input full</th>
            <th scope="col">output empty</th>
            <th scope="col">processor</th>
            <th scope="col">product</th>
          </tr>
        </thead>
        <tbody>
          {found.weights.map(({ name, busy, fullMs, emptyMs, cpu, score }) => (
            <tr key={name}>
              <th scope="row">
                <button type="button" class="link" onClick={() => store.select({ kind: "actor", name })}>
                  {makeOneLine(name)}
                </button>
              </th>
              <td>{busy === undefined ? "" : percent(busy)}</td>
              <td>{formatDuration(fullMs)}</td>
              <td>{formatDuration(emptyMs)}</td>
              <td>{cpu === undefined ? "" : percent(cpu)}</td>
              <td>{formatDuration(score)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
