/**
 * Says what waits for the other end of a named pipe, when nobody has come there for a while: each once.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { NAMED_PIPE_TOLD_MS } from "../../core/limits/streams.ts";
import type { ActorActivity } from "../../core/wait.ts";

export interface TellWaiting {
  /** An actor, or a file of `out`, and what it waits for: `for somebody who reads the named pipe`. */
  readonly onWaiting: (waiting: { readonly actor: string; readonly waits: string }) => void;
  /** Nothing is told any more. */
  readonly signal: AbortSignal;
}

export async function tellWaiting(
  list: () => readonly ActorActivity[],
  { onWaiting, signal }: TellWaiting,
): Promise<void> {
  const told = new Set<string>();
  while (await sleep(NAMED_PIPE_TOLD_MS, true, { signal }).catch(() => false)) {
    for (const { actor, at: [waits = ""] } of list()) {
      if (!told.has(actor)) onWaiting({ actor, waits });
      told.add(actor);
    }
  }
}
