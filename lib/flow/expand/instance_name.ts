/**
 * How an instance is called: its actor's name, and in brackets the keys of its members in the order of `each`.
 */

/**
 * `count[logs/a.gz,warn]`. In a key `,`, `]` and `\` have a backslash before them, and control characters, and those that
 * change the direction of a text, are as in JSON.
 */
export function instanceName(actor: string, keys: readonly string[]): string {
  return `${actor}[${keys.map(escapeKey).join(",")}]`;
}

function escapeKey(key: string): string {
  if (!NEEDS_ESCAPE.test(key)) return key;
  return key.replaceAll(/[\\,\]]/g, "\\$&")
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
      const code = character.charCodeAt(0);
      return SHORT[character] ?? `\\u${code.toString(16).padStart(4, "0")}`;
    });
}

const NEEDS_ESCAPE = /[\\,\]\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
