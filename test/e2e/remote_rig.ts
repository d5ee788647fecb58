/** A program beside the flow that speaks JSON over ZeroMQ, as those of the second seed do. */
import { createServer } from "node:net";
import { type PullPeer, PullSocket } from "../../lib/zmtp/pull_socket.ts";
import { PushSocket } from "../../lib/zmtp/push_socket.ts";

export interface Frame {
  readonly message_type?: string;
  readonly receiver?: string;
  readonly sender_actor?: string | null;
  readonly sender_endpoint?: string | null;
  readonly message?: unknown;
  readonly [key: string]: unknown;
}

/** A port that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

export class Program {
  readonly port: number;
  readonly got: Frame[] = [];
  #pull: PullSocket | undefined;
  /** Who sends to it. */
  #sender: PullPeer | undefined;
  readonly #pushes = new Map<number, PushSocket>();

  private constructor(port: number) {
    this.port = port;
  }

  static async start(port: number, onFrame: (frame: Frame, program: Program) => void = () => undefined) {
    const program = new Program(port);
    program.#pull = await PullSocket.listen({ kind: "tcp", host: "127.0.0.1", port }, {
      messageBytesMax: 10_000_000,
      onMessage: (message, sender) => {
        program.#sender = sender;
        const frame = JSON.parse(new TextDecoder().decode(message)) as Frame;
        program.got.push(frame);
        onFrame(frame, program);
      },
    });
    return program;
  }

  get endpoint(): string {
    return `tcp://127.0.0.1:${this.port}`;
  }

  /** Takes nothing more of whoever has sent last. */
  pause(): void {
    this.#sender?.pause();
  }

  resume(): void {
    this.#sender?.resume();
  }

  /** False when there is no room for it. */
  sendText(port: number, text: string): boolean {
    const push = this.#pushes.get(port) ??
      new PushSocket({ kind: "tcp", host: "127.0.0.1", port }, { reconnectMs: 20 });
    this.#pushes.set(port, push);
    return push.send(new TextEncoder().encode(text));
  }

  /** True when it is connected to whoever listens there. */
  reaches(port: number): boolean {
    return this.#pushes.get(port)?.isOpen === true;
  }

  send(port: number, frame: Frame): void {
    this.sendText(port, JSON.stringify(frame));
  }

  /** As the original answers: it does not say what. */
  reply(to: Frame, message_type: string, message: unknown, sender_actor: string | null = "there"): void {
    const port = Number(/:(\d+)$/.exec(to.sender_endpoint ?? "")?.[1]);
    const sender_endpoint = sender_actor === null ? null : this.endpoint;
    this.send(port, {
      message_type,
      receiver: to.sender_actor ?? "",
      sender_actor,
      sender_endpoint,
      message,
    });
  }

  async close(): Promise<void> {
    for (const push of this.#pushes.values()) await push.close();
    await this.#pull?.close();
  }
}
