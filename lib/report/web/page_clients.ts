/**
 * The browsers that follow a run. Each is told what changes; one that does not read as fast is told nothing until it
 * has read, and then the whole as it is: the run never waits for it, and what waits for it is bounded.
 */
import type { ServerResponse } from "node:http";
import { PAGE_CLIENTS_MAX, PAGE_EACH_MS, PAGE_WAITING_BYTES_MAX } from "../../core/limits/page.ts";
import type { PageChange } from "./page_change.ts";
import type { PageRun } from "./page_run.ts";

/** What is shown: `take` gives what has changed since the last time. */
export interface Followed {
  whole(): PageRun;
  take(): PageChange | undefined;
  readonly hasEnded: boolean;
}

interface Client {
  readonly response: ServerResponse;
  waitingBytes: number;
  isBehind: boolean;
}

export class PageClients {
  readonly #followed: Followed;
  readonly #clients = new Set<Client>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #whenServed: (() => void) | undefined;

  constructor(followed: Followed) {
    this.#followed = followed;
  }

  get count(): number {
    return this.#clients.size;
  }

  /** False when there are too many. */
  add(response: ServerResponse): boolean {
    if (this.#clients.size >= PAGE_CLIENTS_MAX) return false;
    this.#tellAll();
    const client: Client = { response, waitingBytes: 0, isBehind: false };
    this.#clients.add(client);
    response.on("close", () => this.#remove(client));
    response.on("error", () => this.#remove(client));
    this.#send(client, format("snapshot", this.#followed.whole()));
    this.#timer ??= setInterval(() => this.#tell(), PAGE_EACH_MS);
    return true;
  }

  /** Tells the last, and resolves when everybody has it, or has not taken it for so long. */
  async finish(waitMs: number): Promise<void> {
    this.#tell();
    const isWaiting = (): boolean =>
      [...this.#clients].some(({ waitingBytes, isBehind }) => waitingBytes > 0 || isBehind);
    if (!isWaiting()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#whenServed = () => {
        if (isWaiting()) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { response } of this.#clients) response.end();
  }

  /**
   * Before somebody gets the whole: those that are there already get what has changed. Also when nobody is there: what is
   * told later is what has changed since.
   */
  #tellAll(): void {
    for (let change = this.#followed.take(); change !== undefined; change = this.#followed.take()) {
      this.#sendAll(change);
    }
  }

  #tell(): void {
    if (this.#clients.size === 0) return;
    const change = this.#followed.take();
    if (change !== undefined) this.#sendAll(change);
  }

  #sendAll(change: PageChange): void {
    const text = format("change", change);
    for (const client of this.#clients) {
      if (client.isBehind) continue;
      // Nothing more is put behind what it has not read.
      if (client.waitingBytes + text.length > PAGE_WAITING_BYTES_MAX) client.isBehind = true;
      else this.#send(client, text);
    }
  }

  #send(client: Client, text: string): void {
    client.waitingBytes += text.length;
    client.response.write(text, () => {
      client.waitingBytes -= text.length;
      if (client.isBehind && client.waitingBytes === 0 && this.#clients.has(client)) this.#catchUp(client);
      this.#whenServed?.();
    });
  }

  #catchUp(client: Client): void {
    client.isBehind = false;
    this.#tellAll();
    this.#send(client, format("snapshot", this.#followed.whole()));
  }

  #remove(client: Client): void {
    this.#clients.delete(client);
    this.#whenServed?.();
    if (this.#clients.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function format(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
