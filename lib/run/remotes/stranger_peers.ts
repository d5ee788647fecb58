/**
 * Programs that are no actors of the flow and are answered: one connection each, while it is used. One that takes
 * nothing loses what is for it, so that no stranger can stop the flow.
 */
import { readEndpoint } from "../../core/endpoint.ts";
import { PEERS_MAX, STRANGER_BYTES, STRANGER_IDLE_MS } from "../../core/limits/remote.ts";
import { RemotePeer } from "./remote_peer.ts";

export interface StrangerHooks {
  readonly onTrouble: (text: string) => void;
  readonly onLost: (messages: number, reason: string) => void;
}

export class StrangerPeers {
  readonly #hooks: StrangerHooks;
  readonly #peers = new Map<string, RemotePeer>();
  readonly #sweep: ReturnType<typeof setInterval>;

  constructor(hooks: StrangerHooks) {
    this.#hooks = hooks;
    this.#sweep = setInterval(() => this.#sweepIdle(), STRANGER_IDLE_MS);
  }

  /** Who gave no endpoint expects nothing. */
  send(endpoint: string, frame: Uint8Array): void {
    if (typeof readEndpoint(endpoint, "connect") === "string") return;
    const peer = this.#at(endpoint);
    if (peer !== undefined && peer.waitingBytes > STRANGER_BYTES) {
      this.#hooks.onLost(1, `${endpoint} takes nothing`);
    } else peer?.send(frame, 0);
  }

  /** Ends all connections; gives how many messages are left. */
  async close(lingerMs: number): Promise<number> {
    clearInterval(this.#sweep);
    const left = await Promise.all([...this.#peers.values()].map((peer) => peer.close(lingerMs)));
    this.#peers.clear();
    return left.reduce((sum, messages) => sum + messages, 0);
  }

  #at(endpoint: string): RemotePeer | undefined {
    const known = this.#peers.get(endpoint);
    if (known !== undefined) return known;
    const { onTrouble, onLost } = this.#hooks;
    if (this.#peers.size >= PEERS_MAX) {
      onTrouble(`There are ${PEERS_MAX} programs that were sent something: ${endpoint} gets nothing`);
      return undefined;
    }
    const peer = new RemotePeer(endpoint, {
      onState: (isOpen, reason) => {
        if (!isOpen && reason !== undefined) onTrouble(`Cannot reach ${endpoint}: ${reason}`);
      },
      onLost: (messages) => onLost(messages, `the connection to ${endpoint} broke`),
    });
    this.#peers.set(endpoint, peer);
    return peer;
  }

  #sweepIdle(): void {
    const before = performance.now() - STRANGER_IDLE_MS;
    for (const [endpoint, peer] of this.#peers) {
      if (peer.usedAt > before) continue;
      this.#peers.delete(endpoint);
      void peer.close(0).then((left) => {
        if (left > 0) this.#hooks.onLost(left, `${endpoint} was not there`);
      });
    }
  }
}
