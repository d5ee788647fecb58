/**
 * The line of standard error that an actor has begun and not ended: shown after a moment where somebody looks, and else
 * told now and then, when it is written anew again and again.
 */
import { OPEN_LINE_LOG_MS, OPEN_LINE_SHOWN_MS } from "../../core/limits/process.ts";

export interface OpenLineHooks {
  /** Somebody looks; gets an empty text when nothing stands there any more. */
  readonly show?: ((text: string) => void) | undefined;
  /** Nobody looks: a line of its own. */
  readonly log: (line: string) => void;
}

export class OpenLine {
  readonly #hooks: OpenLineHooks;
  #text = "";
  #told = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(hooks: OpenLineHooks) {
    this.#hooks = hooks;
  }

  /** What stands there now. A line that nobody has written anew is told when it ends. */
  set(text: string, isRewritten: boolean): void {
    this.#text = text;
    const { show } = this.#hooks;
    if (show === undefined && (!isRewritten || text === "")) return;
    this.#timer ??= setTimeout(
      () => this.#tell(),
      show === undefined ? OPEN_LINE_LOG_MS : OPEN_LINE_SHOWN_MS,
    );
  }

  close(): void {
    clearTimeout(this.#timer);
    if (this.#told !== "") this.#hooks.show?.("");
  }

  #tell(): void {
    this.#timer = undefined;
    if (this.#text === this.#told) return;
    this.#told = this.#text;
    const { show, log } = this.#hooks;
    if (show !== undefined) show(this.#text);
    else if (this.#text !== "") log(this.#text);
  }
}
