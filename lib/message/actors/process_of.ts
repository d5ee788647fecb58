/**
 * The processes behind what knows less of them: who sent a message, who is in a place.
 */
import { ActorProcess } from "./actor_process.ts";
import type { Cell, CellProcess, Place } from "./cell.ts";
import type { MailSender } from "../mail/mail.ts";

/** The process that is meant; undefined for a stream, and for nobody. */
export function processOf(one: MailSender | CellProcess | undefined): ActorProcess | undefined {
  return one instanceof ActorProcess ? one : undefined;
}

/** The process that lives in a place, or ends there. */
export function processIn({ life }: Place): ActorProcess | undefined {
  return "process" in life ? processOf(life.process) : undefined;
}

/** The place that a process lives in, or ends in; undefined when it has none any more. */
export function placeOf(process: ActorProcess): Place | undefined {
  return process.cell.places.find((place) => processIn(place) === process);
}

/** Processes of a cell that may be given messages. */
export function activeOf(cell: Cell): readonly ActorProcess[] {
  return cell.active.flatMap((process) => processOf(process) ?? []);
}
