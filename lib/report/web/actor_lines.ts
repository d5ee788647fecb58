/**
 * The last lines of standard error of each actor.
 */
import { PAGE_LIMITS } from "./page_run.ts";

/** A longer line is cut. */
const LINE_CHARACTERS_MAX = 2_000;
/** Of all actors together; beyond, each keeps only some. */
const CHARACTERS_MAX = 8 * 1024 * 1024;
const LINES_MIN = 20;

interface Known {
  lines: string[];
  fresh: string[];
  count: number;
}

export class ActorLines {
  readonly #actors = new Map<string, Known>();
  readonly #changed = new Set<string>();
  #characters = 0;

  /** Lines with line breaks between them; the answer is how many the actor has written. */
  add(actor: string, text: string): number {
    const known = this.#actors.get(actor) ?? { lines: [], fresh: [], count: 0 };
    this.#actors.set(actor, known);
    const { last, count } = lastLines(text);
    known.count += count;
    const max = this.#characters > CHARACTERS_MAX ? LINES_MIN : PAGE_LIMITS.stderrLines;
    for (const line of last) this.#characters += line.length;
    known.lines.push(...last);
    for (const line of known.lines.splice(0, Math.max(0, known.lines.length - max))) {
      this.#characters -= line.length;
    }
    known.fresh = [...known.fresh, ...last].slice(-max);
    this.#changed.add(actor);
    return known.count;
  }

  of(actor: string): readonly string[] {
    return this.#actors.get(actor)?.lines.slice() ?? [];
  }

  settle(): void {
    for (const actor of this.#changed) this.#freshOf(actor);
    this.#changed.clear();
  }

  take(max: number): { readonly actor: string; readonly lines: readonly string[] }[] {
    const taken = [...this.#changed].slice(0, max);
    return taken.map((actor) => {
      this.#changed.delete(actor);
      return { actor, lines: this.#freshOf(actor) };
    });
  }

  #freshOf(actor: string): readonly string[] {
    const known = this.#actors.get(actor);
    const fresh = known?.fresh ?? [];
    if (known !== undefined) known.fresh = [];
    return fresh;
  }
}

/** Those that may be kept, and how many there are: of very many the first are not looked at. */
function lastLines(text: string): { readonly last: readonly string[]; readonly count: number } {
  let count = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count += 1;
  let from = text.length;
  for (let found = 0; found < PAGE_LIMITS.stderrLines && from !== -1; found++) {
    from = from === 0 ? -1 : text.lastIndexOf("\n", from - 1);
  }
  const last = text.slice(from + 1).split("\n").map((line) =>
    line.length > LINE_CHARACTERS_MAX ? `${line.slice(0, LINE_CHARACTERS_MAX)}…` : line
  );
  return { last, count };
}
