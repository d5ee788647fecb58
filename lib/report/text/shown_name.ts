/**
 * Names of actors where there is little room.
 */
import { isInstance } from "../../core/instance.ts";
import { shorten } from "./shell_quote.ts";

const NAME_WIDTH_MAX = 20;
/** The keys of an instance tell it from the others. */
const INSTANCE_WIDTH_MAX = 40;

export function shownName(actor: string): string {
  return shorten(actor, isInstance(actor) ? INSTANCE_WIDTH_MAX : NAME_WIDTH_MAX);
}
