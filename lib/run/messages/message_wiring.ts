/**
 * Where messages meet bytes: the streams that come to message actors, and the records that they write.
 */
import type { Edge, Plan } from "../../core/plan.ts";
import { isMessageActor } from "../../core/flow.ts";
import { streamsInto } from "../../graph/select_actors.ts";
import { streamKey } from "../../core/flow.ts";
import { makeEnginePipe, makeNonBlocking } from "../../host/descriptors/descriptors.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { MessageClient } from "./message_client.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import { makeRelayedEnd } from "../relays/relayed_ends.ts";
import type { RunCapture } from "../capture/run_capture.ts";
import { isTapped } from "../state/is_tapped.ts";

export interface MessageWiringOptions {
  readonly relays: RelayClient;
  readonly capture: RunCapture | undefined;
  readonly client: MessageClient;
  /** Every actor of the run by name. */
  readonly actors: ReadonlyMap<string, ActorRun>;
}

/** Joins the message actors of a plan to its streams. Both ends of these pipes are the engine's. */
export function wireMessages(plan: Plan, options: MessageWiringOptions): void {
  for (const actor of plan.actors) {
    const run = options.actors.get(actor.name);
    if (run === undefined || !isMessageActor(actor)) continue;
    const join = plan.joins.find(({ to }) => to.kind === "actor" && to.actor === actor.name);
    if (join !== undefined) openFeed(run, { edges: join.edges, ...options });
    const key = streamKey({ actor: actor.name, port: "stdout" });
    const readers = plan.edges.filter(({ from }) => streamKey(from) === key);
    if (readers.length > 0) openRecords(run, { edges: readers, ...options });
  }
}

interface Joined extends MessageWiringOptions {
  readonly edges: readonly Edge[];
}

function openFeed(run: ActorRun, { edges, relays, client }: Joined): void {
  const joined = relays.joinOf(edges[0]);
  if (joined === undefined) throw new Error(`No relay for ${run.actor.name}`);
  const { readFd, writeFd } = makeEnginePipe("write");
  makeNonBlocking(readFd);
  run.feeds.push({ kind: "relay", edges });
  relays.openJoin(joined, { fd: writeFd, isFile: false });
  client.say({ type: "feed", actor: run.actor.name, fd: readFd });
}

function openRecords(run: ActorRun, { edges, relays, capture, client }: Joined): void {
  const [first] = edges;
  const stream = relays.streamOf(first);
  if (stream === undefined || first === undefined) throw new Error(`No relay for ${run.actor.name}`);
  const { readFd, writeFd } = makeEnginePipe("read");
  makeNonBlocking(writeFd);
  const tap = isTapped(run.actor) ? capture?.openPipe(first.from, { isTap: true }) : undefined;
  tap?.started();
  run.gate.add(makeRelayedEnd(relays, stream));
  run.streamsEnded.push(stream.ended);
  relays.openStream(stream, { kind: "pipe", fd: readFd, tap: tap?.writeFd });
  client.say({ type: "stream", actor: run.actor.name, fd: writeFd });
}

/** For each message actor with an input: the message actors whose streams come to it, through whatever else. */
export function findUpstream(plan: Plan): ReadonlyMap<string, readonly string[]> {
  const { actors } = plan.flow;
  const upstream = new Map<string, readonly string[]>();
  for (const actor of plan.actors) {
    if (!isMessageActor(actor) || actor.inputs.length === 0) continue;
    const seen = new Set<string>();
    const open = streamsInto(actor).map((stream) => stream.actor);
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const writer = actors.get(name);
      if (writer === undefined || seen.has(name)) continue;
      seen.add(name);
      if (!isMessageActor(writer)) open.push(...streamsInto(writer).map((stream) => stream.actor));
    }
    upstream.set(actor.name, [...seen].filter((name) => isMessageActor(actors.get(name))));
  }
  return upstream;
}
