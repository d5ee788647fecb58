/**
 * Lines of the bus, as other programs get them: the payload and all else as it is, with the names by which they know
 * the receiver and the sender.
 *
 *   {"message_type":T,"receiver":R,"sender_actor":S,"sender_endpoint":E,"message_id":"…",…,"message":…}
 *   └───────────── alike for many: looked up ─────────────┘
 */
import { Buffer } from "node:buffer";
import { endpointIn } from "../../message/actors/remote_address.ts";
import { asObject } from "../../message/wire/as_object.ts";
import { EnvelopeScanner, HEADERS, MESSAGE_ID } from "../../message/wire/envelope_scanner.ts";
import { ASK_MARK } from "./read_frame.ts";

export interface WrittenFrame {
  /** Where it goes; empty for nobody. */
  readonly endpoint: string;
  readonly frame: Uint8Array;
}

interface Head {
  readonly endpoint: string;
  readonly type: string;
  readonly receiver: string;
  readonly sender: string | null;
  readonly isEngine: boolean;
  /** As it is written. */
  readonly bytes: Uint8Array;
}

const ID = Buffer.from('"message_id":"');
const PLAIN = Buffer.from('","message":');
const NOTHING = Buffer.from('"message":null}');
const HEADS_MAX = 256;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class FrameWriter {
  readonly #home: string | null;
  /** What an actor of the flow that lives elsewhere is called there, and where. */
  readonly #place: { readonly actor: string; readonly endpoint: string } | undefined;
  readonly #heads = new Map<string, Head>();
  readonly #scanner = new EnvelopeScanner();

  /** `home`: where answers come to. Without `place` the receiver's address says where it goes. */
  constructor(
    { home, place }: {
      readonly home: string | undefined;
      readonly place?: { readonly actor: string; readonly endpoint: string } | undefined;
    },
  ) {
    this.#home = home ?? null;
    this.#place = place;
  }

  /** The line is without its line break. Undefined for what is nothing to others. */
  write(line: Buffer): WrittenFrame | undefined {
    const at = line.indexOf(ID);
    if (at < 0) return undefined;
    const head = this.#headOf(line.subarray(0, at));
    if (head.isEngine || head.type === "Reject") return this.#writeOwn(line, head);
    const idEnd = line.indexOf(0x22, at + ID.length);
    const isPlain = line.subarray(idEnd, idEnd + PLAIN.length).equals(PLAIN);
    const prefix = isPlain ? head.bytes : this.#askedHead(line, head);
    return { endpoint: head.endpoint, frame: Buffer.concat([prefix, ...restOf(line, at)]) };
  }

  #headOf(bytes: Buffer): Head {
    const key = bytes.toString("latin1");
    const known = this.#heads.get(key);
    if (known !== undefined) return known;
    const head = this.#readHead(JSON.parse(`${bytes.toString("utf8").slice(0, -1)}}`) as HeadValues);
    if (this.#heads.size >= HEADS_MAX) this.#heads.clear();
    this.#heads.set(key, head);
    return head;
  }

  /** The engine has written it. */
  #readHead({ message_type: type, receiver: address, sender_actor: sender = null }: HeadValues): Head {
    const at = address.lastIndexOf("@");
    const receiver = this.#place?.actor ?? address.slice(0, at);
    const endpoint = this.#place?.endpoint ?? endpointIn(address.slice(at));
    const head = { endpoint, type, receiver, sender, isEngine: sender?.startsWith("$") === true };
    return { ...head, bytes: this.#format(head) };
  }

  #format({ type, receiver, sender }: Pick<Head, "type" | "receiver" | "sender">): Uint8Array {
    const head = {
      message_type: type,
      receiver,
      sender_actor: sender,
      sender_endpoint: this.#home,
    };
    return encoder.encode(`${JSON.stringify(head).slice(0, -1)},`);
  }

  /** Who asks is called by his question too: so an answer finds it that says nothing of what it answers. */
  #askedHead(line: Buffer, head: Head): Uint8Array {
    const scanner = this.#scanner;
    scanner.scan(line, 0, line.length);
    const headers = scanner.raw(line, HEADERS);
    const id = scanner.raw(line, MESSAGE_ID);
    if (headers === undefined || id === undefined || head.sender === null) return head.bytes;
    const { ask } = asObject(JSON.parse(decoder.decode(headers)));
    if (ask === undefined || ask === null || ask === false) return head.bytes;
    return this.#format({ ...head, sender: `${head.sender}${ASK_MARK}${JSON.parse(decoder.decode(id))}` });
  }

  /** What the engine says, that a message could not be delivered or a request has failed; and what an actor refuses. */
  #writeOwn(line: Buffer, head: Head): WrittenFrame {
    const { message, correlation_id, error } = asObject(JSON.parse(line.toString("utf8")));
    const { message_type, reason, rejected_by } = asObject(message);
    const isReject = head.type === "Reject";
    const frame = {
      message_type: head.type,
      receiver: head.receiver,
      sender_actor: head.isEngine ? null : head.sender,
      sender_endpoint: this.#home,
      ...(correlation_id === undefined ? {} : { correlation_id }),
      ...(error === undefined ? {} : { error }),
      // The original takes these and no others.
      message: isReject ? { message_type, reason, rejected_by } : message ?? {},
    };
    return { endpoint: head.endpoint, frame: encoder.encode(JSON.stringify(frame)) };
  }
}

interface HeadValues {
  readonly message_type: string;
  readonly receiver: string;
  readonly sender_actor?: string | null;
}

/** From the identity on. The original dies of `null` for a payload. */
function restOf(line: Buffer, at: number): readonly Uint8Array[] {
  const isNothing = line.subarray(-NOTHING.length).equals(NOTHING);
  return isNothing ? [line.subarray(at, -"null}".length), EMPTY] : [line.subarray(at)];
}

const EMPTY = Buffer.from("{}}");
