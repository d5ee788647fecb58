/**
 * What `$registry` says of the actors of the flow.
 */
import type { Directory } from "../actors/directory.ts";
import type { MessageActor } from "../actors/message_actor.ts";
import { STRANGERS } from "../actors/remote_address.ts";

export function listActors({ actors }: Directory): readonly unknown[] {
  return [...actors.values()].filter(({ name }) => name !== STRANGERS).map((actor) => {
    const { name, messaging: { accepts = [], emits = [], remote }, subscribe, failed } = actor;
    const topics = subscribe.map(({ text }) => text);
    if (typeof remote === "object") {
      const state = failed !== undefined ? "failed" : actor.isOnline ? "online" : "offline";
      return { name, kind: "remote", ...remote, accepts, emits, subscribe: topics, state };
    }
    return { name, ...livesOf(actor), accepts, emits, subscribe: topics, state: stateOf(actor) };
  });
}

function livesOf({ messaging, cells }: MessageActor) {
  const instances = cells.reduce((sum, cell) => sum + (cell.instances?.size ?? cell.active.length), 0);
  return { kind: messaging.supervisor.type, instances };
}

function stateOf({ cells, failed }: MessageActor): string {
  if (failed !== undefined) return "failed";
  const places = cells.flatMap((cell) => cell.places);
  const isActive = places.some(({ life }) => life.state === "active");
  return isActive ? "active" : places[0]?.life.state ?? "inactive";
}
