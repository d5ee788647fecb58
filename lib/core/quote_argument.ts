/**
 * A word as it can be pasted into a shell.
 */

/**
 * Quotes one argument where a POSIX shell needs it; control characters, and those that change the direction of a text, are
 * written as in `$'…'`.
 */
export function quoteArgument(argument: string): string {
  if (argument === "") return "''";
  // A brace pair without a comma, such as {in.left}, is plain text to a shell.
  const bare = argument.replace(/\{(in|out|param)\.[A-Za-z0-9_-]+\}/g, "");
  if (/^[A-Za-z0-9_@%+=:,./-]*$/.test(bare)) return argument;
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  if (/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(argument)) {
    return `$'${escapeControls(argument)}'`;
  }
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

const NAMED: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
  "'": "\\'",
  "\\": "\\\\",
};

function escapeControls(text: string): string {
  // deno-lint-ignore no-control-regex -- as above
  return text.replace(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069'\\]/g, (found) => {
    const code = found.charCodeAt(0);
    return NAMED[found] ??
      (code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`);
  });
}
