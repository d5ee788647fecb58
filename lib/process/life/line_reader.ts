/**
 * An actor's stderr, whole lines at a time.
 */
import { STDERR_LINE_BYTES_MAX } from "../../core/limits/process.ts";
import type { ByteReader } from "../../host/bytes/byte_reader.ts";

/**
 * Reads to the end and tells lines as they come: one or more together, with line breaks between them and none at the end;
 * a line that is too long is told in pieces. Text that is no UTF-8 gets replacement characters. Resolves at the end.
 */
export async function readLines(reader: ByteReader, onLines: (lines: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for (let chunk = await reader.read(); chunk !== undefined; chunk = await reader.read()) {
    const text = rest + decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf("\n");
    rest = text.slice(end + 1);
    if (end !== -1) onLines(cutLong(withoutReturns(text.slice(0, end))));
    while (rest.length > STDERR_LINE_BYTES_MAX) {
      onLines(rest.slice(0, STDERR_LINE_BYTES_MAX));
      rest = rest.slice(STDERR_LINE_BYTES_MAX);
    }
  }
  rest += decoder.decode();
  if (rest !== "") onLines(cutLong(rest));
}

/** Lines may end as on other systems. */
function withoutReturns(lines: string): string {
  return lines.includes("\r") ? lines.replace(/\r(?=\n|$)/g, "") : lines;
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
