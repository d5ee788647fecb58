/**
 * Lines that are no envelopes, and no results: each kind is told, ever more seldom.
 */
import { BROKEN_SHOWN_BYTES } from "../../core/limits/message.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import type { HandlerResults } from "../handlers/handler_results.ts";
import type { MessageReport } from "../mail/message_report.ts";
import type { LineProblem } from "../wire/envelope_scanner.ts";
import { describeProblem } from "./line_problem.ts";

export interface BrokenLine {
  readonly problem: LineProblem | string;
  readonly line: Uint8Array;
  /** Nothing came after it. */
  readonly isLast?: boolean;
}

export interface BrokenContext {
  readonly results: HandlerResults;
  readonly tell: (report: MessageReport) => void;
}

export class BrokenLines {
  readonly #context: BrokenContext;
  /** Kinds that a process has written, and how many there were of each. */
  readonly #counts = new WeakMap<ActorProcess, Map<string, number>>();

  constructor(context: BrokenContext) {
    this.#context = context;
  }

  /** A handler may have meant one message: that has failed. */
  note(process: ActorProcess, { problem: wrong, line, isLast = false }: BrokenLine): void {
    const { results, tell } = this.#context;
    const { name, messaging: { handler } } = process.cell.actor;
    const problem = describeProblem(wrong, { isCut: isLast && process.isTorn });
    if (handler !== undefined && results.refuse(process, { line, problem })) return;
    const count = this.#count(process, problem);
    if ((count & (count - 1)) !== 0) return;
    const text = new TextDecoder().decode(line.subarray(0, BROKEN_SHOWN_BYTES));
    const shown = line.length > BROKEN_SHOWN_BYTES ? `${text}…` : text;
    tell({ type: "message-broken", actor: name, problem, line: shown, count });
  }

  #count(process: ActorProcess, problem: string): number {
    const known = this.#counts.get(process) ?? new Map<string, number>();
    this.#counts.set(process, known);
    const count = (known.get(problem) ?? 0) + 1;
    known.set(problem, count);
    return count;
  }
}
