/**
 * What there is of a run before anything has happened in it, for its database.
 */
import type { ActorRecord, RunRecord, StreamRecord } from "../../core/archive.ts";
import type { Actor } from "../../core/flow.ts";
import { isMessageActor, isProcess, isSplit, streamKey, streamName } from "../../core/flow.ts";
import type { Plan } from "../../core/plan.ts";
import { listRead } from "../../graph/select_actors.ts";
import type { Hide } from "../../core/secrets.ts";
import { stretchSecrets } from "../reads/stretch_secrets.ts";
import { hashDefinition, stampOf } from "./actor_stamp.ts";
import { isCopied } from "../state/is_tapped.ts";
import type { LoadedState } from "../state/loaded_state.ts";

/** Everything in the order of the flow: what takes part, and what is built already. */
export function makeRecord(
  plan: Plan,
  { uuid, startedAt, state }: {
    readonly uuid: string;
    readonly startedAt: number;
    readonly state: LoadedState | undefined;
  },
): RunRecord {
  const flow = state?.original ?? plan.flow;
  const stretch = stretchSecrets(flow);
  const taking = new Set(plan.actors.map(({ name }) => name));
  const isBuilt = ({ name }: Actor): boolean => state?.built.has(name) === true;
  const actors = [...flow.actors.values()].filter((actor) => taking.has(actor.name) || isBuilt(actor));
  const read = new Set(listRead(flow).map(streamKey));
  const readNow = new Set(plan.edges.map(({ from }) => streamKey(from)));
  return {
    uuid,
    flow: flow.name,
    startedAt,
    actors: actors.map((actor) => toRecord(actor, { isBuilt: isBuilt(actor), stretch })),
    streams: actors.flatMap((actor) =>
      listStreams(actor).filter((stream) =>
        // Standard error is a stream when somebody reads it; its lines are events otherwise.
        isBuilt(actor)
          ? state?.files.has(stream.name)
          : isCopied(actor) || isMessageActor(actor)
          ? readNow.has(streamKey(stream))
          : stream.port !== "stderr" || read.has(streamKey(stream))
      ).map((stream) => ({ ...stream, ...originOf(state, stream) }))
    ),
  };
}

function originOf(
  state: LoadedState | undefined,
  { name }: StreamRecord,
): Pick<StreamRecord, "origin"> {
  const origin = state?.origins?.get(name);
  return origin === undefined ? {} : { origin };
}

/** An actor that was spawned; its standard input is what it was given. */
export function toGrown(
  actor: Actor,
  { inputs, stretch }: { readonly inputs: readonly string[]; readonly stretch: Hide },
): ActorRecord {
  const record = toRecord(actor, { isBuilt: false, stretch });
  return { ...record, inputs: inputs.map((stream) => ({ port: "stdin", stream })) };
}

function toRecord(
  actor: Actor,
  { isBuilt, stretch }: { readonly isBuilt: boolean; readonly stretch: Hide },
): ActorRecord {
  const { name, source, inputs, explain } = actor;
  return {
    name,
    kind: source.kind,
    ...(explain === undefined ? {} : { explain }),
    isBuilt: isBuilt || !isProcess(actor),
    definition: hashDefinition(actor, stretch),
    ...stampOf(actor),
    inputs: inputs.flatMap(({ name: port, streams }) =>
      streams.map((stream) => ({ port, stream: streamName(stream) }))
    ),
  };
}

function listStreams(actor: Actor): readonly StreamRecord[] {
  if (isSplit(actor)) return []; // What it reads is kept already.
  const ports = isProcess(actor)
    ? ["stdout", ...actor.outputs.map(({ name }) => name), "stderr"]
    : ["stdout"];
  return ports.map((port) => ({ actor: actor.name, port, name: streamName({ actor: actor.name, port }) }));
}
