/**
 * An actor's stderr, whole lines at a time.
 */
import { STDERR_LINE_BYTES_MAX } from "../../core/limits/process.ts";
import type { ByteReader } from "../../host/bytes/byte_reader.ts";

export interface LineHooks {
  /** One or more lines together, with line breaks between them and none at the end. */
  readonly onLines: (lines: string) => void;
  /**
   * What stands in the line that has begun and not ended: a prompt, or the state of a program that writes it anew by
   * carriage returns (`isRewritten`). It is empty when there is none any more.
   */
  readonly onOpen?: (text: string, isRewritten: boolean) => void;
}

/**
 * Reads to the end and tells lines as they come. A line that is too long is told in pieces; of one that was written anew,
 * as bars of progress are, what stands there at last. Text that is no UTF-8 gets replacement characters. Resolves at
 * the end.
 */
export async function readLines(reader: ByteReader, { onLines, onOpen }: LineHooks): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  let isOpen = false;
  for (let chunk = await reader.read(); chunk !== undefined; chunk = await reader.read()) {
    const text = rest + decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf("\n");
    rest = text.slice(end + 1);
    if (end !== -1) onLines(cutLong(lastStates(text.slice(0, end))));
    const isRewritten = rest.includes("\r");
    // What was overwritten is not kept: some programs write one line for hours.
    if (isRewritten) rest = keepLast(rest);
    while (rest.length > STDERR_LINE_BYTES_MAX) {
      onLines(rest.slice(0, STDERR_LINE_BYTES_MAX));
      rest = rest.slice(STDERR_LINE_BYTES_MAX);
    }
    if (rest !== "" || isOpen) onOpen?.(withoutReturn(rest), isRewritten);
    isOpen = rest !== "";
  }
  rest += decoder.decode();
  if (rest !== "") onLines(cutLong(lastState(rest)));
  if (isOpen) onOpen?.("", false);
}

/** A carriage return stays, as the next character may be a line break or what overwrites it. */
function keepLast(rest: string): string {
  const isClosed = rest.endsWith("\r");
  return isClosed ? `${lastState(rest)}\r` : lastState(rest);
}

function lastStates(lines: string): string {
  return lines.includes("\r") ? lines.split("\n").map(lastState).join("\n") : lines;
}

/** What a terminal would show at last. Lines may also end as on other systems, in a carriage return. */
function lastState(line: string): string {
  const text = withoutReturn(line);
  return text.slice(text.lastIndexOf("\r") + 1);
}

function withoutReturn(line: string): string {
  let end = line.length;
  while (line[end - 1] === "\r") end -= 1;
  return line.slice(0, end);
}

/** Line breaks where a line is too long. */
function cutLong(lines: string): string {
  for (let at = 0; at + STDERR_LINE_BYTES_MAX < lines.length;) {
    const next = lines.lastIndexOf("\n", at + STDERR_LINE_BYTES_MAX);
    if (next < at) return lines.split("\n").map(cutLine).join("\n");
    at = next + 1;
  }
  return lines;
}

function cutLine(line: string): string {
  if (line.length <= STDERR_LINE_BYTES_MAX) return line;
  const pieces: string[] = [];
  for (let at = 0; at < line.length; at += STDERR_LINE_BYTES_MAX) {
    pieces.push(line.slice(at, at + STDERR_LINE_BYTES_MAX));
  }
  return pieces.join("\n");
}
