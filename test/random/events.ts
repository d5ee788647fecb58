/** The actors of a run that is going on, from the file of its events. */
import { readFileSync } from "node:fs";

/** Actors that have started and not ended, with their process ids. */
export function findRunning(eventsFile: string): readonly { readonly actor: string; readonly pid: number }[] {
  const running = new Map<string, number>();
  for (const { type, actor, pid } of readEvents(eventsFile)) {
    if (actor === undefined) continue;
    if (type === "actor-started" && pid !== undefined) running.set(actor, pid);
    if (type === "actor-ended") running.delete(actor);
  }
  return [...running].map(([actor, pid]) => ({ actor, pid }));
}

interface ActorEvent {
  readonly type?: string;
  readonly actor?: string;
  readonly pid?: number;
}

/** What is there so far; the file comes into being with the run, and its last line may be half written. */
function readEvents(eventsFile: string): readonly ActorEvent[] {
  let text: string;
  try {
    text = readFileSync(eventsFile, "utf8");
  } catch {
    return [];
  }
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n").filter((line) => line !== "");
  // The keys that are looked at have these types in every event of the engine (`lib/core/event.ts`).
  return lines.map((line) => JSON.parse(line) as ActorEvent);
}
