/**
 * An actor's stderr, a line at a time.
 */
import { STDERR_LINE_BYTES_MAX } from "../../core/limits/process.ts";
import type { ByteReader } from "../../host/bytes/byte_reader.ts";

/**
 * Reads to the end and tells each line without its line break; a longer one is told in pieces. Text that is no UTF-8
 * gets replacement characters. Resolves at the end.
 */
export async function readLines(reader: ByteReader, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for (let chunk = await reader.read(); chunk !== undefined; chunk = await reader.read()) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) tellLine(line.endsWith("\r") ? line.slice(0, -1) : line, onLine);
    while (rest.length > STDERR_LINE_BYTES_MAX) {
      onLine(rest.slice(0, STDERR_LINE_BYTES_MAX));
      rest = rest.slice(STDERR_LINE_BYTES_MAX);
    }
  }
  rest += decoder.decode();
  if (rest !== "") tellLine(rest, onLine);
}

function tellLine(line: string, onLine: (line: string) => void): void {
  for (let at = 0; at === 0 || at < line.length; at += STDERR_LINE_BYTES_MAX) {
    onLine(line.slice(at, at + STDERR_LINE_BYTES_MAX));
  }
}
