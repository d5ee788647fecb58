/**
 * Serves the page with a run that a test makes up, as the program serves it with a real one.
 */
import { readFileSync } from "node:fs";
import type { Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { applyChange } from "../../lib/report/web/apply_change.ts";
import { layPicture } from "../../lib/report/web/lay_picture.ts";
import type { PageChange } from "../../lib/report/web/page_change.ts";
import type { PageRun } from "../../lib/report/web/page_run.ts";

export const PAGE = readFileSync(join(import.meta.dirname, "../../lib/report/web/page.html"), "utf8");

export class PageServer {
  run: PageRun;
  readonly #server: Server;
  readonly #listeners: Set<ServerResponse>;
  /** What the page has asked the engine to do. */
  readonly orders: string[];

  constructor(run: PageRun) {
    this.run = run;
    this.#listeners = new Set();
    this.orders = [];
    this.#server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://localhost");
      if (url.pathname === "/events") return this.#listen(response);
      if (url.pathname === "/layout") return void this.#sendLayout(response, url.searchParams.getAll("open"));
      if (url.pathname === "/control") {
        request.setEncoding("utf8").on("data", (text: string) => this.orders.push(text));
        return void request.on("end", () => response.writeHead(204).end());
      }
      if (url.pathname !== "/") return void response.writeHead(404).end();
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(PAGE);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    // It listens on a port.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  change(change: PageChange): void {
    this.run = applyChange(this.run, change);
    for (const response of this.#listeners) send(response, "change", change);
  }

  close(): void {
    for (const response of this.#listeners) response.end();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream" });
    this.#listeners.add(response);
    response.on("close", () => this.#listeners.delete(response));
    send(response, "snapshot", this.run);
  }

  async #sendLayout(response: ServerResponse, open: readonly string[]): Promise<void> {
    response.end(JSON.stringify(await layPicture(this.run, open.filter((name) => name !== ""))));
  }
}

function send(response: ServerResponse, event: string, data: object): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** The page as a file with the run in it. */
export function embed(run: PageRun): string {
  const text = JSON.stringify(run).replaceAll("<", "\\u003c");
  return PAGE.replace(`id="run">null<`, () => `id="run">${text}<`);
}
