/**
 * All that is known of one actor.
 */
import { useState } from "preact/hooks";
import { formatBytes } from "../../text/format_bytes.ts";
import { formatDuration } from "../../text/format_duration.ts";
import { makeHarmless, makeOneLine } from "../../text/make_harmless.ts";
import type { PageActor } from "../page_actor.ts";
import type { PageEdge, PageRun } from "../page_run.ts";
import { order } from "./connect.ts";
import { EdgeTable } from "./edge_panel.tsx";
import { Fact } from "./fact.tsx";
import { SIGNS, statusOf, toneOf, waitedMs } from "./facts.ts";
import type { Store } from "./page_state.ts";
import { Streams } from "./stream_text.tsx";

export function ActorPanel({ store, run, name }: { store: Store; run: PageRun; name: string }) {
  const actor = run.actors.find((each) => each.name === name);
  if (actor === undefined) return <p class="empty">The actor “{name}” is not there.</p>;
  const at = run.run.endedAt ?? run.run.at;
  const tone = toneOf(actor);
  const inputs = run.edges.filter(({ toActor }) => toActor === name);
  const outputs = run.edges.filter(({ fromActor }) => fromActor === name);
  const failures = run.failures.filter((each) => each.actor === name);
  return (
    <>
      <p class={`state tone-${tone}`}>
        <span class="sign" aria-hidden="true">{SIGNS[tone]}</span> {statusOf(actor, at)}
      </p>
      {actor.explain !== undefined && <p class="explain">{makeOneLine(actor.explain)}</p>}
      <pre
        class="command"
        tabIndex={0}
        aria-label="Command"
      >{makeHarmless(actor.command, { keepsColors: false })}</pre>
      {run.mayControl && run.run.endedAt === undefined && actor.state === "running" && (
        <Controls key={name} actor={actor} />
      )}
      {failures.map((failure) => <pre key={failure.at} class="failure">{failure.text}</pre>)}
      <Figures actor={actor} at={at} startedAt={run.run.startedAt} />
      <Mailbox actor={actor} />
      <EdgeTable store={store} title="Reads" edges={inputs} nameOf={({ from }: PageEdge) => from} />
      <EdgeTable store={store} title="Writes" edges={outputs} nameOf={({ to }: PageEdge) => to} />
      <Talks store={store} run={run} name={name} />
      <Stderr actor={actor} />
      <Streams run={run} name={name} />
    </>
  );
}

function Controls({ actor }: { actor: PageActor }) {
  const [told, setTold] = useState("");
  const ask = async (does: "pause" | "resume" | "stop"): Promise<void> => {
    setTold(await order({ actor: actor.name, does }) ?? "");
  };
  const does = actor.isPaused === true ? "resume" : "pause";
  return (
    <div class="controls">
      <button type="button" onClick={() => void ask(does)}>{does === "pause" ? "Pause" : "Resume"}</button>
      <button type="button" class="danger" onClick={() => void ask("stop")}>Stop</button>
      <span role="status">{told}</span>
    </div>
  );
}

function Figures({ actor, at, startedAt }: { actor: PageActor; at: number; startedAt: number }) {
  const { pid, cpuMs, memoryBytes, peakMemoryBytes, attempts, attemptsMax, restarts, workers, members } =
    actor;
  const lived = actor.startedAt === undefined ? undefined : (actor.endedAt ?? at) - actor.startedAt;
  const memory = [
    ...memoryBytes === undefined || actor.state !== "running" ? [] : [formatBytes(memoryBytes)],
    ...peakMemoryBytes === undefined ? [] : [`peak ${formatBytes(peakMemoryBytes)}`],
  ].join(", ");
  const known = (ms: number): number | undefined => ms === 0 ? undefined : ms;
  const share = (ms: number | undefined): string | undefined =>
    ms === undefined || lived === undefined
      ? undefined
      : `${formatDuration(ms)}, ${Math.round(ms / Math.max(1, lived) * 100)} %`;
  return (
    <dl class="facts">
      <Fact name="Process" value={pid === undefined ? undefined : String(pid)} />
      <Fact
        name="Started after"
        value={actor.startedAt === undefined ? undefined : formatDuration(actor.startedAt - startedAt)}
      />
      <Fact name="Lived" value={lived === undefined ? undefined : formatDuration(lived)} />
      <Fact name="Waited to read" value={share(known(waitedMs(actor, "read", at)))} />
      <Fact name="Waited to write" value={share(known(waitedMs(actor, "write", at)))} />
      <Fact name="Processor" value={share(cpuMs)} />
      <Fact name="Memory" value={memory === "" ? undefined : memory} />
      <Fact name="Read" value={actor.bytesIn === undefined ? undefined : formatBytes(actor.bytesIn)} />
      <Fact name="Wrote" value={actor.bytesOut === undefined ? undefined : formatBytes(actor.bytesOut)} />
      <Fact
        name="Tries"
        value={attempts === undefined
          ? undefined
          : `${attempts}${attemptsMax === undefined ? "" : ` of ${attemptsMax}`}`}
      />
      <Fact name="Restarts" value={restarts === undefined ? undefined : String(restarts)} />
      <Fact
        name="Workers"
        value={workers === undefined ? undefined : `${workers.running} of ${workers.count} run`}
      />
      <Fact
        name="Members"
        value={members === undefined
          ? undefined
          : `${members.done} done, ${members.active} active, ${members.failed} failed`}
      />
    </dl>
  );
}

function Mailbox({ actor: { messages, state } }: { actor: PageActor }) {
  if (messages === undefined) return null;
  const { queued, size, inHand } = messages;
  const isFull = queued !== undefined && size !== undefined && queued >= size && state === "running";
  const two = (p50: number | undefined, p99: number | undefined): string | undefined =>
    p50 === undefined ? undefined : `${shortMs(p50)}${p99 === undefined ? "" : `, p99 ${shortMs(p99)}`}`;
  return (
    <section>
      <h3>Messages</h3>
      {queued !== undefined && size !== undefined && size > 0 && (
        <meter
          class={isFull ? "full" : undefined}
          min={0}
          max={size}
          value={Math.min(queued, size)}
          aria-label={`Mailbox: ${queued} of ${size}`}
        />
      )}
      <dl class="facts">
        <Fact name="In" value={String(messages.messagesIn)} />
        <Fact name="Out" value={String(messages.messagesOut)} />
        <Fact
          name="Queued"
          value={queued === undefined ? undefined : `${queued}${size === undefined ? "" : ` of ${size}`}`}
        />
        <Fact name="In hand" value={inHand === undefined ? undefined : String(inHand)} />
        <Fact name="Wait (p50)" value={two(messages.waitP50Ms, messages.waitP99Ms)} />
        <Fact name="Handling (p50)" value={two(messages.handleP50Ms, messages.handleP99Ms)} />
        <Fact
          name="Instances"
          value={messages.instances === undefined ? undefined : String(messages.instances)}
        />
        <Fact name="Dead" value={messages.dead === undefined ? undefined : String(messages.dead)} />
      </dl>
    </section>
  );
}

export function shortMs(ms: number): string {
  return ms < 10 ? `${Math.round(ms * 100) / 100} ms` : formatDuration(ms);
}

function Talks({ store, run, name }: { store: Store; run: PageRun; name: string }) {
  const talks = run.talks.filter(({ from, to }) => from === name || to === name);
  if (talks.length === 0) return null;
  return (
    <section>
      <h3>Talks</h3>
      <ul class="links">
        {talks.slice(0, 50).map(({ from, to, words, count }) => {
          const other = from === name ? to : from;
          return (
            <li key={`${from}\n${to}\n${words}`}>
              {from === name ? "→" : "←"} {other === "" ? <span>system actors</span> : (
                <button
                  type="button"
                  onClick={() => store.select({ kind: "actor", name: other })}
                >
                  {makeOneLine(other)}
                </button>
              )}{" "}
              <span class="soft">
                {makeOneLine(words.join(", "))}
                {count === undefined ? "" : ` (${count})`}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Stderr({ actor: { stderr, stderrCount } }: { actor: PageActor }) {
  if (stderrCount === 0 && stderr.length === 0) return null;
  return (
    <section>
      <h3>
        Standard error{" "}
        <span class="soft">
          {stderrCount > stderr.length
            ? `last ${stderr.length} of ${stderrCount} lines`
            : `${stderrCount} lines`}
        </span>
      </h3>
      <pre class="text" tabIndex={0} aria-label="Standard error">
        {stderr.map((line) => makeHarmless(line, { keepsColors: false })).join("\n")}
      </pre>
    </section>
  );
}
