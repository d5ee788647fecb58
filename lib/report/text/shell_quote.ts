/**
 * Commands as text that can be pasted into a shell.
 */
import { quoteArgument } from "../../core/quote_argument.ts";

/** A command as one line of shell. */
export function quoteCommand(command: readonly string[]): string {
  return command.map(quoteArgument).join(" ");
}

/** Cuts a text to `lengthMax` characters, the last of which says that something is missing. */
export function shorten(text: string, lengthMax: number): string {
  const characters = [...text.slice(0, lengthMax * 2 + 2)];
  return characters.length <= lengthMax ? text : `${characters.slice(0, lengthMax - 1).join("")}…`;
}
