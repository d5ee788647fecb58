/**
 * A message that a handler was given, as the engine has kept it, and the lines that handlers write.
 */
import type { ActorProcess } from "../actors/actor_process.ts";
import { readExactly } from "../wire/exact_json.ts";
import type { Mail } from "../mail/mail.ts";
import { textOf } from "../mail/origins.ts";
import { type Route, routeTo } from "./route.ts";
import type { Handled } from "./route_result.ts";
import { checkRoute } from "./route_rules.ts";

/** The engine's own copy of what the handler was given. */
export function readMail(process: ActorProcess, mail: Mail): Handled {
  // The engine has written it.
  const envelope = readExactly(textOf(mail.bytes, mail.start, mail.end)) as
    & Partial<Handled>
    & Pick<Handled, "message_type" | "message_id" | "message">;
  const { message_type, message_id, parent_id, headers, message } = envelope;
  return {
    message_type,
    message_id,
    ...(parent_id !== undefined && { parent_id }),
    route: envelope.route ?? routeTo(process.cell.actor.name),
    ...(headers !== undefined && { headers }),
    message: message ?? null,
  };
}

/** The route of a message as anybody may have written it; a text when it is none. */
export function readRoute(route: Route): Route | string {
  const checked = checkRoute(route);
  if (!checked.ok) return checked.message;
  const { hops } = route;
  return typeof hops === "number" && hops > 0 ? { ...checked.value, hops } : checked.value;
}

/** Any JSON; undefined for a text that is none. */
export function parseJson(text: string): unknown {
  try {
    return readExactly(text);
  } catch {
    return undefined;
  }
}

/** The instance that had a message, where several live in a process. */
export function senderOf({ address, cell }: ActorProcess, { key }: Mail): string {
  return key === undefined ? address : `${cell.actor.name}/${key}`;
}
