/**
 * The key of a message to a keyed actor that does not name an instance: where the actor's pointer points to in it.
 */
import { textOf } from "../mail/origins.ts";
import { readExactly } from "../wire/exact_json.ts";
import { pointTo } from "../wire/point_to.ts";
import type { MessageActor } from "./message_actor.ts";

/** `payload` is the message as JSON. Undefined when it has no key, or the actor no pointer. */
export function keyIn(actor: MessageActor, payload: Uint8Array): string | undefined {
  return keyInValue(actor, () => readExactly(textOf(payload, 0, payload.length)));
}

/** The same of a message that was read already, or is when it has to be. */
export function keyInValue(
  { messaging: { supervisor } }: MessageActor,
  read: () => unknown,
): string | undefined {
  if (supervisor.type !== "keyed" || supervisor.key === undefined) return undefined;
  return pointTo(read(), supervisor.key);
}
