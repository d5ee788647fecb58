/**
 * Serves the page of a run to browsers on this machine. Whoever is not let in by page_guard.ts gets nothing but 403.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import {
  PAGE_CONNECTIONS_MAX,
  PAGE_END_MS,
  PAGE_ORDER_BYTES_MAX,
  PAGE_REQUEST_MS,
} from "../../core/limits/page.ts";
import type { Followed } from "./page_clients.ts";
import { PageClients } from "./page_clients.ts";
import type { PageOrder } from "./page_change.ts";
import type { GuardSetup } from "./page_guard.ts";
import { cookieName, judge } from "./page_guard.ts";
import { policyOf, readPage } from "./page_html.ts";
import type { PageLayout } from "./page_layout.ts";

/** What is served. */
export interface Served extends Followed {
  layout(open: readonly string[]): Promise<PageLayout>;
  /** Prometheus' text. */
  metrics(): string;
  /** A part of a stream; undefined when there is none of that name. */
  readonly part?: (asked: PartAsked) => StreamPart | undefined;
  /** Does what is asked; the answer is why not. Undefined where nobody may. */
  readonly obey?: ((order: PageOrder) => string | undefined) | undefined;
}

export interface PartAsked {
  readonly name: string;
  readonly from: number | "head" | "tail";
}

export interface StreamPart {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly size: number;
  readonly isComplete: boolean;
}

export interface ServerOptions {
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** Texts that nobody can guess. */
  readonly token: string;
  readonly secret: string;
}

const TEXT = { "content-type": "text/plain; charset=utf-8" };
const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

export class PageServer {
  readonly #served: Served;
  readonly #options: ServerOptions;
  readonly #clients: PageClients;
  #html = "";
  #headers: Readonly<Record<string, string>> = {};
  readonly #server: Server;
  #guard: GuardSetup | undefined;

  constructor(served: Served, options: ServerOptions) {
    this.#served = served;
    this.#options = options;
    this.#clients = new PageClients(served);
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.maxConnections = PAGE_CONNECTIONS_MAX;
    this.#server.requestTimeout = PAGE_REQUEST_MS;
    this.#server.headersTimeout = PAGE_REQUEST_MS;
  }

  /** Listens; the answer is the address to open. Rejects with the system's error. */
  async listen(): Promise<string> {
    const { host, port: asked, token, secret } = this.#options;
    this.#html = await readPage();
    this.#headers = headersOf(this.#html);
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(asked, host, () => resolve());
    });
    const address = this.#server.address();
    const port = typeof address === "object" && address !== null ? address.port : asked;
    const isOpen = host === "0.0.0.0" || host === "::";
    const named = host.includes(":") ? `[${host}]` : host.toLowerCase();
    const hosts = ["127.0.0.1", "localhost", "[::1]", named].map((name) => `${name}:${port}`);
    this.#guard = { hosts, isOpen, port, token, secret };
    return `http://${isOpen ? "127.0.0.1" : named}:${port}/?token=${token}`;
  }

  /** Tells browsers the last state, and ends; it does not wait long for those that do not read. */
  async close(): Promise<void> {
    await this.#clients.finish(PAGE_END_MS);
    this.#clients.close();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#server.closeAllConnections(), PAGE_END_MS);
      this.#server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      this.#server.closeIdleConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(this.#headers)) response.setHeader(name, value);
    try {
      await this.#route(request, response);
    } catch {
      // What one browser asks for must not be the end of a run: it is told that there was no answer.
      if (!response.headersSent) response.writeHead(500, TEXT);
      response.end();
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", headers } = request;
    const url = readUrl(request.url);
    if (url === undefined || this.#guard === undefined) {
      return void response.writeHead(400, TEXT).end("no address\n");
    }
    const verdict = judge({
      method,
      url,
      host: headers.host,
      origin: headers.origin,
      site: one(headers["sec-fetch-site"]),
      cookie: headers.cookie,
      authorization: headers.authorization,
    }, this.#guard);
    if (verdict.is === "refused") {
      return void response.writeHead(403, TEXT).end(`not shown: ${verdict.why}\n`);
    }
    if (verdict.is === "login") return this.#login(response);
    if (url.pathname === "/control") return await this.#control(request, response);
    if (method !== "GET" && method !== "HEAD") {
      return void response.writeHead(405, { ...TEXT, allow: "GET" }).end("only GET\n");
    }
    await this.#give(url, response);
  }

  /** The token is left behind: the address that stays is one without it. */
  #login(response: ServerResponse): void {
    const { port = 0, secret = "" } = this.#guard ?? {};
    response.writeHead(200, {
      "content-type": "text/html; charset=utf-8",
      "set-cookie": `${cookieName({ port })}=${secret}; Path=/; HttpOnly; SameSite=Strict`,
    });
    // Not a redirect: a strict cookie would not come with it when a link elsewhere has led here.
    response.end(
      '<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/"><title>Sluice</title>\n',
    );
  }

  async #give(url: URL, response: ServerResponse): Promise<void> {
    switch (url.pathname) {
      case "/":
        return void response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(this.#html);
      case "/events":
        return this.#follow(response);
      case "/run.json":
        return void response.writeHead(200, JSON_TYPE).end(JSON.stringify(this.#served.whole()));
      case "/layout": {
        const layout = await this.#served.layout(url.searchParams.getAll("open"));
        return void response.writeHead(200, JSON_TYPE).end(JSON.stringify(layout));
      }
      case "/metrics": {
        const type = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
        return void response.writeHead(200, type).end(this.#served.metrics());
      }
      case "/stream":
        return this.#givePart(url, response);
      default:
        return void response.writeHead(404, TEXT).end("there is no such page\n");
    }
  }

  #follow(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    if (!this.#clients.add(response)) response.end("event: refused\ndata: too many browsers\n\n");
  }

  #givePart({ searchParams }: URL, response: ServerResponse): void {
    const name = searchParams.get("name") ?? "";
    const at = searchParams.get("from");
    const from = at === null ? searchParams.get("part") === "tail" ? "tail" : "head" : Number(at);
    const isRight = typeof from === "string" || (Number.isSafeInteger(from) && from >= 0);
    const part = isRight ? this.#served.part?.({ name, from }) : undefined;
    if (part === undefined) return void response.writeHead(404, TEXT).end("there is no such stream\n");
    response.writeHead(200, {
      ...TEXT,
      "x-sluice-size": part.size,
      "x-sluice-from": part.from,
      "x-sluice-complete": String(part.isComplete),
    }).end(part.bytes);
  }

  async #control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = (code: number, text: string): void => void response.writeHead(code, TEXT).end(text);
    const { obey } = this.#served;
    if (request.method !== "POST") return answer(405, "only POST\n");
    if (obey === undefined) {
      return answer(403, "this run is only shown (--ui-control lets the page do more)\n");
    }
    if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
      return answer(415, "an order is JSON\n");
    }
    const order = readOrder(await readBody(request));
    if (order === undefined) return answer(400, "no order: {actor, does: pause, resume or stop}\n");
    const problem = obey(order);
    if (problem !== undefined) return answer(409, `${problem}\n`);
    response.writeHead(204).end();
  }
}

function readUrl(url = ""): URL | undefined {
  // An address that begins otherwise could name another host.
  return url.startsWith("/") && !url.startsWith("//") ? new URL(url, "http://page.invalid") : undefined;
}

function one(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}

/** Undefined when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // A request is read in chunks of bytes as long as nobody has set its encoding.
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > PAGE_ORDER_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])));
}

function readOrder(text: string | undefined): PageOrder | undefined {
  try {
    const order: unknown = JSON.parse(text ?? "");
    if (typeof order !== "object" || order === null || !("actor" in order) || !("does" in order)) {
      return undefined;
    }
    const { actor, does } = order;
    if (typeof actor !== "string") return undefined;
    return does === "pause" || does === "resume" || does === "stop" ? { actor, does } : undefined;
  } catch {
    return undefined; // It is no JSON: the answer says what an order is.
  }
}

function headersOf(html: string): Readonly<Record<string, string>> {
  return {
    "content-security-policy": policyOf(html),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  };
}
