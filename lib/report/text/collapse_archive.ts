/**
 * A captured run with the instances of an actor as one.
 */
import type { Archive, ArchivedActor, ArchivedStream } from "../../core/archive.ts";
import { streamName } from "../../core/flow.ts";
import { groupOf, isInstance } from "../../core/instance.ts";
import type { ActorState } from "../../core/result.ts";

export interface CollapsedArchive {
  readonly archive: Archive;
  /** The states of the instances, by their actor. */
  readonly groups: ReadonlyMap<string, readonly ActorState[]>;
}

/** Sizes are added, and the time is from the first start to the last end. */
export function collapseArchive(archive: Archive): CollapsedArchive {
  if (!archive.actors.some(({ name }) => isInstance(name))) return { archive, groups: new Map() };
  const names = new Map(archive.streams.map((stream) => [stream.name, collapsedName(stream)]));
  const groups = new Map<string, ActorState[]>();
  const actors = new Map<string, ArchivedActor>();
  const inputs = new Map<string, Map<string, ArchivedActor["inputs"][number]>>();
  for (const actor of archive.actors) {
    const name = groupOf(actor.name);
    if (isInstance(actor.name)) append(groups, name, actor.state);
    const read = inputs.get(name) ?? new Map<string, ArchivedActor["inputs"][number]>();
    inputs.set(name, read);
    for (const { port, stream } of actor.inputs) {
      const one = { port, stream: names.get(stream) ?? stream };
      read.set(`${port} ${one.stream}`, one);
    }
    const known = actors.get(name);
    actors.set(name, {
      ...known === undefined ? actor : join(known, actor),
      name,
      inputs: [...read.values()],
    });
  }
  const streams = new Map<string, ArchivedStream>();
  for (const stream of archive.streams) {
    const name = collapsedName(stream);
    const known = streams.get(name);
    streams.set(name, {
      ...stream,
      name,
      actor: groupOf(stream.actor),
      size: stream.size + (known?.size ?? 0),
      isComplete: stream.isComplete && known?.isComplete !== false,
    });
  }
  return { archive: { ...archive, actors: [...actors.values()], streams: [...streams.values()] }, groups };
}

function collapsedName({ actor, port }: ArchivedStream): string {
  return streamName({ actor: groupOf(actor), port });
}

function join(a: ArchivedActor, b: ArchivedActor): ArchivedActor {
  const { startedAt: _, endedAt: __, ...rest } = a;
  const starts = [a, b].flatMap(({ startedAt }) => startedAt ?? []);
  const ends = [a, b].flatMap(({ endedAt }) => endedAt ?? []);
  return {
    ...rest,
    ...(starts.length === 0 ? {} : { startedAt: Math.min(...starts) }),
    ...(ends.length < 2 ? {} : { endedAt: Math.max(...ends) }),
  };
}

function append(groups: Map<string, ActorState[]>, name: string, state: ActorState): void {
  const states = groups.get(name);
  if (states === undefined) groups.set(name, [state]);
  else states.push(state);
}
