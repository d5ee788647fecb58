/**
 * Where the streams of an actor are copied for a capture: as they are taken, or as they are given on.
 */
import type { Actor } from "../../core/flow.ts";
import { isProcess } from "../../core/flow.ts";

/**
 * A tap copies what is taken from a pipe. Of several tries, or of several workers, that is not what counts: such a
 * stream is copied where it is given on. What is cached is a file.
 */
export function isTapped({ retry, unit, workers, members, isCached }: Actor): boolean {
  return retry === undefined && unit === undefined && workers === undefined && members === undefined &&
    isCached !== true;
}

/** True for an actor whose streams are copied where they are given on. */
export function isCopied(actor: Actor): boolean {
  return isProcess(actor) && !isTapped(actor) && actor.isCached !== true;
}
