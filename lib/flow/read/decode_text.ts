/** The text of a file, without its byte order mark; undefined when it is no UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // The only thing thrown is "invalid", which is what undefined says.
    return undefined;
  }
}
