/**
 * The connections of a run to other programs: one place where they send what is for actors of the flow, and one for
 * each program that is sent something.
 *
 *   messages of the run ──lines──▶ FrameWriter ──frames──▶ RemotePeer ──▶ program
 *   messages of the run ◀──lines── FrameReader ◀──frames── PullSocket ◀── program
 */
import { Buffer } from "node:buffer";
import { formatEndpoint, readEndpoint } from "../../core/endpoint.ts";
import { REMOTE_LINGER_MS, REMOTE_WINDOW_BYTES } from "../../core/limits/remote.ts";
import { MESSAGE_BYTES_MAX } from "../../core/limits/message.ts";
import type { Plan } from "../../core/plan.ts";
import { FlowError } from "../../core/issue.ts";
import { codeOf, isSystemError, messageOf } from "../../host/errno.ts";
import { STRANGERS } from "../../message/actors/remote_address.ts";
import type { RemoteNews } from "../../message/link/remote_link.ts";
import { type PullPeer, PullSocket } from "../../zmtp/pull_socket.ts";
import { FrameReader } from "./read_frame.ts";
import { FrameWriter } from "./frame_writer.ts";
import { RemotePeer } from "./remote_peer.ts";
import { sameText } from "./same_endpoint.ts";
import { StrangerPeers } from "./stranger_peers.ts";
import { TroubleTeller } from "./trouble_teller.ts";

/** Who is told what happens. */
export interface GatewayHooks {
  readonly onNews: (news: RemoteNews) => void;
  readonly onState: (actor: string, isOnline: boolean) => void;
  /** A line for people; `actor` is `$remote` for what is none of the flow's actors. */
  readonly onTold: (actor: string, text: string) => void;
  /** Messages that may not have arrived, or never left. */
  readonly onLost: (actor: string, messages: number, reason: string) => void;
}

/** A link, and what is on its way over it. */
interface Open {
  readonly link: number;
  readonly actor: string;
  readonly writer: FrameWriter;
  /** Of an actor of the flow; others have one each. */
  readonly peer: RemotePeer | undefined;
  unread: number;
  /** Who has to wait until more is read. */
  readonly paused: Set<PullPeer>;
}

export interface RemoteActor {
  readonly name: string;
  readonly actor: string;
  readonly endpoint: string;
}

/** Listens where the flow does. Throws a FlowError when it cannot. */
export async function openGateway(plan: Plan): Promise<RemoteGateway> {
  const remotes = plan.actors.flatMap(({ name, source }): readonly RemoteActor[] =>
    source.kind === "remote" ? [{ name, ...source.place }] : []
  );
  const gateway = new RemoteGateway(remotes, plan.flow.endpoint?.advertise);
  if (plan.flow.endpoint !== undefined) await gateway.listen(plan.flow.endpoint.listen);
  return gateway;
}

export class RemoteGateway {
  readonly #remotes: readonly RemoteActor[];
  readonly #advertise: string | undefined;
  #pull: PullSocket | undefined;
  #home: string | undefined;
  #reader: FrameReader;
  #hooks: GatewayHooks | undefined;
  readonly #open = new Map<string, Open>();
  /** What came before there was anybody to take it. */
  #early: { readonly frame: Uint8Array; readonly peer: PullPeer }[] = [];
  readonly #strangers: StrangerPeers;
  readonly #troubles = new TroubleTeller((text) => this.#hooks?.onTold(STRANGERS, text));

  constructor(remotes: readonly RemoteActor[], advertise?: string) {
    this.#remotes = remotes;
    this.#advertise = advertise;
    this.#reader = this.#makeReader([]);
    this.#strangers = new StrangerPeers({
      onTrouble: (text) => this.#troubles.tell(text),
      onLost: (messages, reason) => this.#hooks?.onLost(STRANGERS, messages, reason),
    });
  }

  /** Where other programs are told to answer. */
  get home(): string | undefined {
    return this.#home;
  }

  async listen(text: string): Promise<void> {
    const endpoint = readEndpoint(text, "listen");
    if (typeof endpoint === "string") throw new Error(`Cannot listen at "${text}": ${endpoint}`);
    try {
      this.#pull = await PullSocket.listen(endpoint, {
        messageBytesMax: MESSAGE_BYTES_MAX,
        onMessage: (message, peer) => this.#take(message, peer),
        onTrouble: (reason, { address }) => {
          this.#troubles.tell(
            `A program${address === undefined ? "" : ` at ${address}`} cannot be understood: ${reason}`,
          );
        },
      });
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const why = codeOf(error) === "EADDRINUSE" ? "somebody listens there already" : messageOf(error);
      const message = `Cannot listen at "${text}": ${why} (expected an endpoint that is free)`;
      throw new FlowError(message, [{ path: [], at: "outside", message }]);
    }
    const bound = this.#pull.endpoint;
    const isAnywhere = bound.kind === "tcp" && ["*", "0.0.0.0", "::"].includes(bound.host);
    this.#home = this.#advertise ?? formatEndpoint(isAnywhere ? { ...bound, host: "localhost" } : bound);
    this.#reader = this.#makeReader([this.#home, formatEndpoint(bound)]);
  }

  #makeReader(own: readonly string[]): FrameReader {
    const declared = this.#remotes.map(({ name, actor, endpoint }) =>
      [`${actor}@${sameText(endpoint)}`, name] as const
    );
    return new FrameReader({ own: own.map(sameText), declared: new Map(declared) });
  }

  attach(hooks: GatewayHooks): void {
    this.#hooks = hooks;
  }

  /** True for an actor that is reached here. */
  holds(actor: string): boolean {
    return actor === STRANGERS || this.#remotes.some(({ name }) => name === actor);
  }

  /** From now on an actor has a link. */
  open(actor: string, link: number): void {
    const remote = this.#remotes.find(({ name }) => name === actor);
    this.#open.set(actor, {
      link,
      actor,
      writer: new FrameWriter({ home: this.#home, place: remote }),
      peer: remote === undefined ? undefined : this.#connect(remote, link),
      unread: 0,
      paused: new Set(),
    });
    for (const { frame, peer } of this.#early.splice(0)) {
      peer.resume();
      this.#take(frame, peer);
    }
  }

  #connect({ name, endpoint }: RemoteActor, link: number): RemotePeer {
    let isTold = false;
    return new RemotePeer(endpoint, {
      onState: (isOpen, reason) => {
        this.#hooks?.onState(name, isOpen);
        if (isOpen && isTold) this.#hooks?.onTold(name, `${endpoint} is there`);
        if (!isOpen && !isTold) {
          const why = reason === undefined ? "it has gone" : reason;
          this.#hooks?.onTold(name, `Cannot reach ${endpoint}: ${why} (it is tried again)`);
        }
        isTold = !isOpen;
      },
      onTook: (bytes) => this.#hooks?.onNews({ type: "remote-took", link, bytes }),
      onLost: (messages) => this.#hooks?.onLost(name, messages, "the connection broke"),
    });
  }

  /** Lines for an actor. */
  send(link: number, lines: Uint8Array): void {
    const open = this.#find(link);
    if (open === undefined) return;
    const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.length);
    let took = 0;
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(0x0a, at);
      const lineBytes = end + 1 - at;
      const written = open.writer.write(bytes.subarray(at, end));
      at = end + 1;
      if (written === undefined || !this.#sendTo(open, { ...written, lineBytes })) took += lineBytes;
    }
    if (took > 0) this.#hooks?.onNews({ type: "remote-took", link, bytes: took });
  }

  /** False when it is taken already, as far as the link has to know: one slow program does not stop all others. */
  #sendTo(
    { peer }: Open,
    { endpoint, frame, lineBytes }: {
      readonly endpoint: string;
      readonly frame: Uint8Array;
      readonly lineBytes: number;
    },
  ): boolean {
    if (peer !== undefined) {
      peer.send(frame, lineBytes);
      return true;
    }
    this.#strangers.send(endpoint, frame);
    return false;
  }

  /** A message has come. */
  #take(frame: Uint8Array, peer: PullPeer): void {
    if (!this.#open.has(STRANGERS)) {
      peer.pause();
      this.#early.push({ frame: frame.slice(), peer });
      return;
    }
    const read = this.#reader.read(frame, peer.address);
    switch (read.is) {
      case "broken": {
        const from = peer.address === undefined ? "" : ` from ${peer.address}`;
        return this.#troubles.tell(`A message${from} cannot be read: ${read.problem}`);
      }
      case "refused":
        return this.#refuse(read);
      case "line": {
        const open = this.#open.get(read.from ?? STRANGERS) ?? this.#open.get(STRANGERS);
        if (open !== undefined) this.#deliver(open, read.line, peer);
      }
    }
  }

  #deliver(open: Open, line: Uint8Array, peer: PullPeer): void {
    open.unread += line.length;
    if (open.unread > REMOTE_WINDOW_BYTES) {
      open.paused.add(peer);
      peer.pause();
    }
    this.#hooks?.onNews({ type: "remote-came", link: open.link, lines: line });
  }

  /** So many bytes that came over a link were read. */
  noteRead(link: number, bytes: number): void {
    const open = this.#find(link);
    if (open === undefined) return;
    open.unread -= bytes;
    if (open.unread > REMOTE_WINDOW_BYTES / 2) return;
    for (const peer of open.paused) peer.resume();
    open.paused.clear();
  }

  #refuse(
    { reason, type, receiver, sender }: {
      readonly reason: string;
      readonly type: string;
      readonly receiver: string;
      readonly sender: string;
    },
  ): void {
    this.#troubles.tell(`A message of '${sender}' is refused: ${reason}`);
    const at = sender.lastIndexOf("@");
    const message = {
      message_type: "Reject",
      receiver: sender.slice(0, at),
      sender_actor: null,
      sender_endpoint: this.#home ?? null,
      message: { message_type: type, reason, rejected_by: receiver },
    };
    this.#strangers.send(sender.slice(at + 1), Buffer.from(JSON.stringify(message)));
  }

  /** Nothing more is for an actor: what is on its way is sent. */
  async end(link: number, { lingerMs = REMOTE_LINGER_MS } = {}): Promise<void> {
    const open = this.#find(link);
    if (open === undefined) return;
    const count = await (open.peer ?? this.#strangers).close(lingerMs);
    if (this.#open.get(open.actor)?.link !== link) return;
    this.#open.delete(open.actor);
    if (count > 0) this.#hooks?.onLost(open.actor, count, "nobody took them before the end");
  }

  /** Lets go of everything. */
  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ link }) => this.end(link, { lingerMs: 0 })));
    await this.#strangers.close(0);
    await this.#pull?.close();
  }

  #find(link: number): Open | undefined {
    for (const open of this.#open.values()) if (open.link === link) return open;
    return undefined;
  }
}
