/** What tests of the page's server need: a run with its page, and requests as anybody could send them. */
import { request as send } from "node:http";
import { expect } from "vitest";
import type { PageRun } from "../../lib/report/web/page_run.ts";
import { type Runtime, start, type Started, type StartOptions, until } from "./rig.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ServedPage extends Started {
  readonly port: number;
  readonly token: string;
  /** With the token as a bearer's. */
  readonly get: (path: string) => Promise<Answer>;
}

/** Starts the program and waits for the address of its page. */
export async function startPage(
  runtime: Runtime,
  args: readonly string[],
  options: StartOptions = {},
): Promise<ServedPage> {
  const started = start(runtime, args, options);
  const address = /page: http:\/\/127\.0\.0\.1:(\d+)\/\?token=([0-9a-f]{64})\n/;
  await until(() => address.test(started.stderr()), () => `no address: ${started.stderr()}`);
  const [, port = "", token = ""] = address.exec(started.stderr()) ?? [];
  const served = { ...started, port: Number(port), token };
  return {
    ...served,
    get: (path) => ask(served.port, path, { headers: { authorization: `Bearer ${token}` } }),
  };
}

/** One request, as it is written here. */
export async function ask(port: number, path: string, { method = "GET", headers = {}, body }: Asked = {}) {
  return await new Promise<Answer>((resolve, reject) => {
    const request = send({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (more: string) => text += more);
      response.on(
        "end",
        () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    request.on("error", reject).end(body);
  });
}

/** Asks until the run is as it should be. */
export async function untilRun(
  { get }: Pick<ServedPage, "get">,
  condition: (run: PageRun) => boolean,
): Promise<PageRun> {
  let last = "";
  let found: PageRun | undefined;
  let isAsking = false;
  const look = async (): Promise<void> => {
    const { status, text } = await get("/run.json");
    expect(status).toBe(200);
    last = text;
    const run = JSON.parse(text) as PageRun;
    if (condition(run)) found = run;
  };
  await until(() => {
    if (!isAsking) {
      isAsking = true;
      void look().finally(() => isAsking = false).catch(() => undefined);
    }
    return found !== undefined;
  }, () => `the run is not as it should be: ${last.slice(0, 2_000)}`);
  if (found === undefined) throw new Error("not there");
  return found;
}
