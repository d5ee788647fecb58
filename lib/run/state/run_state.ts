/**
 * What everybody in a run shares: what has gone wrong, whether it is being stopped, how many places are taken, and what
 * is still under way. Callbacks only record here; the run's loop waits for a change and decides.
 */
import type { RunEvent, RunEventBody } from "../../core/event.ts";
import type { Hide } from "../../core/secrets.ts";
import type { Failure } from "../../core/failure.ts";
import type { TraceContext } from "../../core/trace.ts";
import { FAILURES_MAX } from "../../core/limits/process.ts";
import type { SystemError } from "../../host/errno.ts";
import { isSystemError } from "../../host/errno.ts";
import { describeSystemError } from "../../host/system_error.ts";
import type { RunMark } from "../../process/proc/run_mark.ts";
import { makeMark } from "../../process/proc/run_mark.ts";
import { randomId } from "../../host/random_id.ts";

/** Why a run is ended before its time. */
export interface Stopping {
  readonly reason: "failure" | "signal" | "abort";
  readonly signal?: string;
}

/** Who is told of what happens. */
export interface RunListener {
  readonly tell: (event: RunEvent) => void;
  /** Is told of what actors say in texts of many lines, which are no events then. */
  readonly tellStderr?: ((actor: string, lines: string) => void) | undefined;
  /** Is told of what stands in a line that has begun and not ended. */
  readonly tellOpenLine?: ((actor: string, text: string) => void) | undefined;
}

export class RunState {
  /** By which its processes are found. */
  readonly mark: RunMark = makeMark(randomId());
  readonly startedAt = Date.now();
  /** Where it is told as a trace. */
  readonly trace: TraceContext | undefined;
  readonly failures: Failure[] = [];
  /** Something is missing that every part of the run needs: nothing is to be waited for. */
  isBroken = false;
  #running = 0;
  readonly #listeners: RunListener[] = [];
  #endAll: () => void = () => undefined;
  readonly #stopsOnFailure: boolean;
  readonly #hide: Hide;
  readonly #underWay = new Set<Promise<void>>();
  #stopping: Stopping | undefined;
  #bug: { readonly error: unknown } | undefined;
  #hasChanged = false;
  #wake: (() => void) | undefined;

  constructor({ stopsOnFailure, hide = (value) => value, trace }: {
    readonly stopsOnFailure: boolean;
    /** What nobody should see is in no event and no failure. @default nothing is secret */
    readonly hide?: Hide;
    readonly trace?: TraceContext | undefined;
  }) {
    this.trace = trace;
    this.#stopsOnFailure = stopsOnFailure;
    this.#hide = hide;
  }

  /** Processes that have a place: those that run, and those that rest before another try. */
  get running(): number {
    return this.#running;
  }

  /** So many processes have got a place. */
  takePlaces(count: number): void {
    this.#running += count;
  }

  /** They are over for good, or were not started. */
  freePlaces(count: number): void {
    this.#running -= count;
  }

  get id(): string {
    return this.mark.id;
  }

  /** Tells every event from now on, to those that were added before first. */
  addListener(listener: RunListener): void {
    this.#listeners.push(listener);
  }

  /** What is to be done, once, when the run is to end before its time. */
  whenStopping(endAll: () => void): void {
    this.#endAll = endAll;
  }

  get stopping(): Stopping | undefined {
    return this.#stopping;
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  emit(body: RunEventBody): void {
    const event = this.#hide({ at: Date.now(), ...body });
    for (const { tell } of this.#listeners) tell(event);
  }

  /** What an actor has said on its standard error: whole lines, with line breaks between them. */
  tellStderr(actor: string, said: string): void {
    const lines = this.#hide(said);
    for (const { tellStderr } of this.#listeners) tellStderr?.(actor, lines);
    const others = this.#listeners.filter(({ tellStderr }) => tellStderr === undefined);
    if (others.length === 0) return;
    const at = Date.now();
    for (const line of lines.split("\n")) {
      for (const { tell } of others) tell({ at, type: "stderr", actor, line });
    }
  }

  get showsOpenLines(): boolean {
    return this.#listeners.some(({ tellOpenLine }) => tellOpenLine !== undefined);
  }

  tellOpenLine(actor: string, text: string): void {
    const shown = this.#hide(text);
    for (const { tellOpenLine } of this.#listeners) tellOpenLine?.(actor, shown);
  }

  /** A failure that is no reason to stop. */
  noteFailure(failure: Failure): void {
    if (this.failures.length < FAILURES_MAX) this.failures.push(this.#hide(failure));
    this.emit({ type: "failure", failure });
  }

  fail(failure: Failure): void {
    this.noteFailure(failure);
    if (this.#stopsOnFailure) this.stop({ reason: "failure" });
    this.change();
  }

  stop(stopping: Stopping): void {
    if (this.#stopping !== undefined) return;
    this.#stopping = stopping;
    this.emit({ type: "stopping", ...stopping });
    this.#endAll();
    this.change();
  }

  /** The run does not end before this has. */
  track(promise: Promise<void>): void {
    const tracked = promise.catch((error: unknown) => this.reportBug(error)).finally(() =>
      this.#underWay.delete(tracked)
    );
    this.#underWay.add(tracked);
  }

  async whenTracked(): Promise<void> {
    // What is under way may bring something else under way.
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Something broke that nobody answers for: the system's doing ends the run, anything else is a bug. */
  reportBug(error: unknown): void {
    if (isSystemError(error)) this.failForSystem(error);
    else this.#bug ??= { error };
    this.change();
  }

  /** The system did not do what the run needs. */
  failForSystem(error: SystemError): void {
    this.isBroken = true;
    this.noteFailure({ kind: "system", ...describeSystemError(error) });
    this.stop({ reason: "failure" });
  }

  /** Something is other than it was: the loop looks again. */
  change(): void {
    this.#hasChanged = true;
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Before a look: from now on changes count. Throws a bug that was reported. */
  beginLook(): void {
    this.#hasChanged = false;
    this.throwBug();
  }

  /** Throws a bug that was reported, whenever it was. */
  throwBug(): void {
    if (this.#bug !== undefined) throw this.#bug.error;
  }

  /** Does a step of the end: what goes wrong in it is told, and the steps after it are done all the same. */
  async attempt(step: () => unknown): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.reportBug(error);
    }
  }

  /** Resolves when something has changed since the look began. */
  async whenChanged(): Promise<void> {
    if (!this.#hasChanged) await new Promise<void>((resolve) => this.#wake = resolve);
  }
}
