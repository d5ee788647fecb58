/**
 * An actor on its way through the checks.
 */
import type { CheckContext } from "./check_context.ts";
import type { Params } from "./check_params.ts";
import type { Shape } from "./check_shape.ts";
import type { ActorFile } from "../schema/actor_schema.ts";

export interface ActorSite {
  readonly name: string;
  readonly shape: Shape<ActorFile>;
  readonly params: Params;
  readonly check: CheckContext;
}

/** True when the actor is a plain function. */
export function isHandler({ shape: { keys } }: ActorSite): boolean {
  return keys.handler !== undefined;
}

/** True when the actor talks in messages. */
export function isMessageSite({ shape: { keys } }: ActorSite): boolean {
  return keys.protocol === "messages" || keys.handler !== undefined || keys.remote !== undefined;
}
