/**
 * Lines that say that a message could not be handled, when nobody waits for its answer: they go to `error-end`, else
 * the message is lost.
 */
import type { Delivery } from "../delivery/delivery.ts";
import type { Directory } from "../actors/directory.ts";
import { type EnvelopeScanner, ERROR } from "../wire/envelope_scanner.ts";
import { asObject } from "../wire/as_object.ts";
import type { Line, MailMaker } from "../actors/mail_maker.ts";
import type { LineDispatch } from "./line_dispatch.ts";
import { textOf } from "../mail/origins.ts";

export interface FailuresContext {
  readonly directory: Directory;
  readonly delivery: Delivery;
  readonly maker: MailMaker;
  readonly scanner: EnvelopeScanner;
  readonly dispatch: LineDispatch;
}

export class LineFailures {
  readonly #context: FailuresContext;

  constructor(context: FailuresContext) {
    this.#context = context;
  }

  /** The message that the line answers has failed. */
  fail(line: Line): void {
    const { directory, delivery, maker, scanner, dispatch } = this.#context;
    const target = directory.find("error-end");
    const head = maker.makeHead(line, "error-end", target);
    const isOwn = target.kind === "cell" && target.cell === line.process.cell;
    if (target.kind !== "nobody" && !isOwn) return dispatch.bring(line, head);
    const mail = maker.makeMail(line, { head });
    delivery.reject({ ...mail, sender: "" }, {
      code: "HANDLER_ERROR",
      reason: reasonIn(scanner.raw(line.bytes, ERROR)),
      receiver: line.process.address,
      isFinal: true,
    });
  }

  /** A message cannot go on: its sender gets it back, but for an answer, or who answers everything would never end. */
  refuse(line: Line, why: { readonly code: "BAD_ROUTE" | "NO_RECEIVER"; readonly reason: string }): void {
    const { delivery, maker } = this.#context;
    const head = maker.makeHead(line, "", { kind: "nobody", name: "" });
    const isFinal = why.code === "NO_RECEIVER";
    delivery.reject(maker.makeMail(line, { head }), { ...why, receiver: "", isFinal });
  }
}

/** The words of an error, which may be anything. */
export function reasonIn(raw: Uint8Array | undefined): string {
  if (raw === undefined) return "it could not be handled";
  const { code, message } = asObject(JSON.parse(textOf(raw, 0, raw.length)));
  const words = [code, message].filter((word) => typeof word === "string" && word !== "");
  return words.length === 0 ? "it could not be handled" : words.join(": ");
}
