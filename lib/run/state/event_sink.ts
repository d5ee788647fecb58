/**
 * Whoever listens to a run. What a listener throws, or rejects with later, cannot break the run: it is kept for the
 * run's end, and the listener is not called again.
 */
import type { RunEvent } from "../../core/event.ts";

export interface Listener {
  readonly onEvent?: ((event: RunEvent) => unknown) | undefined;
  readonly onStderr?: ((actor: string, lines: string) => unknown) | undefined;
  readonly onOpenLine?: ((actor: string, text: string) => unknown) | undefined;
}

export class EventSink {
  readonly #listener: Listener;
  readonly #onBroken: () => void;
  #broken: { readonly error: unknown } | undefined;
  /** Promises of the listener that have not settled. */
  #pending = 0;
  #settle: (() => void) | undefined;

  /** `onBroken` is called once, when the listener has thrown. */
  constructor(listener: Listener, onBroken: () => void) {
    this.#listener = listener;
    this.#onBroken = onBroken;
  }

  tell(event: RunEvent): void {
    const { onEvent } = this.#listener;
    if (onEvent !== undefined) this.#call(() => onEvent(event));
  }

  tellStderr(actor: string, lines: string): void {
    const { onStderr } = this.#listener;
    if (onStderr !== undefined) this.#call(() => onStderr(actor, lines));
  }

  tellOpenLine(actor: string, text: string): void {
    const { onOpenLine } = this.#listener;
    if (onOpenLine !== undefined) this.#call(() => onOpenLine(actor, text));
  }

  #call(listener: () => unknown): void {
    if (this.#broken !== undefined) return;
    try {
      const answer = listener();
      if (answer instanceof Promise) this.#await(answer);
    } catch (error) {
      this.#break(error);
    }
  }

  #await(answer: Promise<unknown>): void {
    this.#pending += 1;
    void answer.catch((error: unknown) => this.#break(error)).then(() => {
      this.#pending -= 1;
      if (this.#pending === 0) this.#settle?.();
    });
  }

  #break(error: unknown): void {
    if (this.#broken !== undefined) return;
    this.#broken = { error };
    this.#onBroken();
  }

  /** Waits for what the listener still does, and throws what it has thrown. */
  async settle(): Promise<void> {
    if (this.#pending > 0 && this.#broken === undefined) {
      await new Promise<void>((resolve) => this.#settle = resolve);
    }
    if (this.#broken !== undefined) throw this.#broken.error;
  }
}
