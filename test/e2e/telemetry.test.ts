/** `--otlp`: a run as a trace and figures, for a collector that speaks HTTP. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFolder, run, runtimes } from "./rig.ts";

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

interface Posted {
  readonly path: string;
  readonly key: string | undefined;
  readonly text: string;
}

let server: Server;
let posted: Posted[] = [];
let answer = 200;

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (more: string) => text += more).on("end", () => {
      posted.push({ path: request.url ?? "", key: request.headers["api-key"]?.toString(), text });
      response.writeHead(answer, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
});
afterAll(() => void server.close());

const endpoint = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function listSpans(): ReadonlyMap<string, Span> {
  const spans = posted.filter(({ path }) => path === "/v1/traces").flatMap(({ text }) => {
    const { resourceSpans } = JSON.parse(text) as {
      resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
    };
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  });
  return new Map(spans.map((span) => [span.name, span]));
}

function attribute(span: Span | undefined, key: string): unknown {
  return Object.values(span?.attributes.find((each) => each.key === key)?.value ?? {})[0];
}

describe.each(runtimes)("telemetry on $name", (runtime) => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";

  test("tells the run, its actors and tries, in the trace of whoever has started it", async () => {
    posted = [];
    answer = 200;
    const cwd = makeFolder({
      "flow.json": {
        name: "traced",
        params: { token: { secret: true, env: "TOKEN" } },
        actors: {
          a: {
            sh: "test -e ran || { touch ran; exit 7; }; echo $TRACEPARENT",
            retry: { max: 1, backoff: "1ms" },
          },
          b: { run: ["sh", "-c", "cat; exit 3", "{param.token}"], in: "a" },
        },
      },
    });
    const { code, stdout, stderr } = await run(runtime, ["flow.json", "--quiet", "--otlp", endpoint()], {
      cwd,
      env: {
        TOKEN: "s3cret-word",
        TRACEPARENT: `00-${traceId}-b7ad6b7169203331-01`,
        OTEL_EXPORTER_OTLP_HEADERS: "api-key=a%20b",
      },
    });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("exit 3") as string });
    const spans = listSpans();
    expect([...spans.keys()].toSorted()).toEqual(["a", "a try 1", "b", "run traced"]);
    const [whole, a, first, b] = ["run traced", "a", "a try 1", "b"].map((name) => spans.get(name));
    expect([...spans.values()].map((span) => span.traceId)).toEqual(Array(4).fill(traceId));
    expect(whole?.parentSpanId).toBe("b7ad6b7169203331");
    expect([a?.parentSpanId, b?.parentSpanId, first?.parentSpanId])
      .toEqual([whole?.spanId, whole?.spanId, a?.spanId]);
    expect(stdout).toBe(`00-${traceId}-${a?.spanId}-01\n`);
    expect([whole, a, first, b].map((span) => span?.status.code)).toEqual([2, 1, 2, 2]);
    expect(b?.status.message).toContain('Actor "b" failed: exit 3');
    expect(attribute(b, "process.exit.code")).toBe("3");
    expect(attribute(a, "sluice.actor.attempts")).toBe("2");
    for (const span of spans.values()) {
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
    }
    expect(posted.map(({ key }) => key)).toEqual(posted.map(() => "a b"));
    expect(posted.map(({ text }) => text).join("")).not.toContain("s3cret");
    const figures = JSON.parse(posted.filter(({ path }) => path === "/v1/metrics").at(-1)?.text ?? "") as {
      resourceMetrics: { scopeMetrics: { metrics: { name: string }[] }[] }[];
    };
    const metrics = figures.resourceMetrics[0]?.scopeMetrics[0]?.metrics ?? [];
    expect(metrics.map(({ name }) => name).toSorted()).toEqual([
      "sluice.actor.duration",
      "sluice.actor.io",
      "sluice.actors",
      "sluice.failures",
      "sluice.restarts",
    ]);
  });

  test("tells messages on their way, below whoever has sent them", async () => {
    posted = [];
    answer = 200;
    const bash = (script: string) => ({ run: ["bash", "-c", script], protocol: "messages" });
    const cwd = makeFolder({
      "flow.json": {
        actors: {
          asks: bash(
            `read -r start; echo '{"receiver":"tells","message_type":"Ask","message":{}}'; read -r x`,
          ),
          tells: bash(`read -r start; read -r ask; echo '{"receiver":"asks","message_type":"Told"}'`),
        },
      },
    });
    const { code } = await run(runtime, ["flow.json"], {
      cwd,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint()}/` },
    });
    expect(code).toBe(0);
    const spans = listSpans();
    expect(spans.get("Ask tells")?.parentSpanId).toBe(spans.get("asks")?.spanId);
    expect(attribute(spans.get("Ask tells"), "messaging.message.id")).toMatch(/^[-0-9a-f]{36}$/);
    expect(spans.get("Told asks")?.parentSpanId).toBe(spans.get("tells")?.spanId);
  });

  test("that cannot be sent is told, and the run is what it was", async () => {
    posted = [];
    answer = 500;
    const cwd = makeFolder({ "flow.json": { actors: { a: { value: "x\n" } } } });
    const told = async (url: string): Promise<unknown> => {
      const { code, stdout, stderr } = await run(runtime, ["flow.json", "--quiet", "--otlp", url], { cwd });
      return { code, stdout, stderr };
    };
    expect(await told(endpoint())).toEqual({
      code: 0,
      stdout: "x\n",
      stderr: "sluice: Cannot send telemetry: it answers 500 to v1/traces (the rest is lost)\n",
    });
    expect(await told("http://127.0.0.1:9")).toEqual({
      code: 0,
      stdout: "x\n",
      stderr: expect.stringMatching(/^sluice: Cannot send telemetry: .*\n$/) as string,
    });
    expect(await told("localhost:4318")).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining('Cannot send telemetry to "localhost:4318"') as string,
    });
    answer = 200;
  });
});
