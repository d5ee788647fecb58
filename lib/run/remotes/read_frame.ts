/**
 * What comes from another program, on its way to be a line of the bus: who has sent it is looked up, not believed, and
 * what only the engine may say is not passed on.
 */
import { isLoopback, readEndpoint } from "../../core/endpoint.ts";
import { REMOTE_NAME_LENGTH_MAX } from "../../core/limits/remote.ts";
import { NAMELESS } from "../../message/actors/remote_address.ts";
import { describeProblem } from "../../message/lines/line_problem.ts";
import {
  CORRELATION_ID,
  EnvelopeScanner,
  FIELDS,
  MESSAGE,
  MESSAGE_TYPE,
  RECEIVER,
  SENDER_ACTOR,
  SENDER_ENDPOINT,
} from "../../message/wire/envelope_scanner.ts";
import { asObject } from "../../message/wire/as_object.ts";
import { readExactly } from "../../message/wire/exact_json.ts";
import { sameEndpoint } from "./same_endpoint.ts";

/** What a flow knows of those who may send. */
export interface KnownSenders {
  /** The flow's own endpoints. */
  readonly own: readonly string[];
  /** The actor of the flow that somebody is, by name and endpoint as `sameEndpoint` writes it. */
  readonly declared: ReadonlyMap<string, string>;
}

export type FrameRead =
  /** `from`: an actor of the flow that lives elsewhere; undefined for anybody else. */
  | { readonly is: "line"; readonly from: string | undefined; readonly line: Uint8Array }
  /** It is told to its sender, if that can be reached. */
  | {
    readonly is: "refused";
    readonly reason: string;
    readonly type: string;
    readonly receiver: string;
    readonly sender: string;
  }
  | { readonly is: "broken"; readonly problem: string };

/** Words of the engine to its actors. */
const OWN_TYPES: readonly string[] = ["Start", "Shutdown", "Activate", "Deactivate", "Timeout"];

/** Whose answers come to `actor~id`: whatever is sent there answers the request `id` of the actor. */
export const ASK_MARK = "~";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class FrameReader {
  readonly #known: KnownSenders;
  readonly #scanner = new EnvelopeScanner();

  constructor(known: KnownSenders) {
    this.#known = known;
  }

  /** `address` is that of the program's connection; undefined over a path of this machine. */
  read(frame: Uint8Array, address: string | undefined): FrameRead {
    const scanner = this.#scanner;
    const problem = scanner.scan(frame, 0, frame.length);
    if (problem !== undefined) return { is: "broken", problem: describeProblem(problem, { isCut: false }) };
    if (scanner.isEscaped) return this.read(withPlainKeys(frame), address);
    const sender = this.#senderOf(frame, address);
    if (typeof sender !== "string") return sender;
    const type = this.#text(frame, MESSAGE_TYPE) ?? "";
    const receiver = this.#text(frame, RECEIVER);
    if (receiver === undefined) return { is: "broken", problem: "it has no receiver" };
    const refuse = (reason: string): FrameRead => ({ is: "refused", reason, type, receiver, sender });
    if (receiver.startsWith("$") || receiver.includes("@")) return refuse(`Actor '${receiver}' not found`);
    if (OWN_TYPES.includes(type)) return refuse(`Message type '${type}' is the engine's own`);
    const from = this.#known.declared.get(unasked(sender));
    return { is: "line", from, line: this.#toLine(frame, { type, receiver, sender: from ?? sender }) };
  }

  /** The address of whoever has sent it; why it is not believed. */
  #senderOf(frame: Uint8Array, address: string | undefined): string | FrameRead {
    const name = this.#text(frame, SENDER_ACTOR) ?? "";
    const text = this.#text(frame, SENDER_ENDPOINT) ?? "";
    if (name.startsWith("$") || name.includes("@") || name.length > REMOTE_NAME_LENGTH_MAX) {
      return { is: "broken", problem: `its sender cannot be called ${JSON.stringify(name.slice(0, 40))}` };
    }
    const endpoint = readEndpoint(text, "connect");
    if (typeof endpoint === "string") return NAMELESS;
    const place = sameEndpoint(endpoint);
    if (this.#known.own.includes(place)) {
      return { is: "broken", problem: `it claims to come from this flow, as ${JSON.stringify(name)}` };
    }
    const isFar = address !== undefined && !isLoopback(address);
    if (isFar && (endpoint.kind === "ipc" || isLoopback(endpoint.host))) {
      return {
        is: "broken",
        problem: `it comes from ${address} and claims to come from ${text}, of this machine`,
      };
    }
    return name === "" ? NAMELESS : `${name}@${place}`;
  }

  /** What is written last of a key counts. */
  #toLine(
    frame: Uint8Array,
    { type, receiver, sender }: { readonly type: string; readonly receiver: string; readonly sender: string },
  ): Uint8Array {
    const mark = receiver.lastIndexOf(ASK_MARK);
    const more: Record<string, unknown> = {
      receiver: mark < 0 ? receiver : receiver.slice(0, mark),
      sender_actor: sender,
      ack: null,
      nack: null,
      sender_key: null,
    };
    if (mark >= 0 && !this.#scanner.has(CORRELATION_ID)) more["correlation_id"] = receiver.slice(mark + 1);
    if (type === "Reject") {
      const rejected = asObject(JSON.parse(decoder.decode(this.#scanner.payload(frame))));
      const { reason = "it was not accepted" } = rejected;
      if (mark >= 0) more["error"] = { code: "REJECTED", message: String(reason) };
      else more["message"] = { code: "REJECTED", reason, ...rejected };
    }
    const end = frame.lastIndexOf(0x7d);
    const tail = encoder.encode(`,${JSON.stringify(more).slice(1)}\n`);
    const line = new Uint8Array(end + tail.length);
    line.set(frame.subarray(0, end));
    // A line break between two words says nothing; inside of a text there is none.
    for (let at = line.indexOf(0x0a); at >= 0 && at < end; at = line.indexOf(0x0a, at + 1)) line[at] = 0x20;
    line.set(tail, end);
    return line;
  }

  /** A text; undefined for anything else. */
  #text(frame: Uint8Array, field: number): string | undefined {
    const raw = this.#scanner.raw(frame, field);
    if (raw === undefined || raw[0] !== 0x22) return undefined;
    const text = decoder.decode(raw);
    return text.includes("\\") ? String(JSON.parse(text)) : text.slice(1, -1);
  }
}

/** The address without the request that somebody may be asking. */
function unasked(sender: string): string {
  const at = sender.lastIndexOf("@");
  const mark = sender.slice(0, at).lastIndexOf(ASK_MARK);
  return mark < 0 ? sender : sender.slice(0, mark) + sender.slice(at);
}

/** Somebody has written a key such as "mess\u0061ge". */
function withPlainKeys(frame: Uint8Array): Uint8Array {
  const value = asObject(readExactly(decoder.decode(frame)));
  const known = FIELDS.flatMap((key) => Object.hasOwn(value, key) ? [[key, value[key]]] : []);
  return encoder.encode(JSON.stringify({ [FIELDS[MESSAGE] ?? ""]: null, ...Object.fromEntries(known) }));
}
