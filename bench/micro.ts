/**
 * Pieces inside the process that decide how fast the whole is, each as a ratio to a plain function that does comparable
 * work on the same data in the same run.
 */
import { Bench } from "tinybench";
import { flow } from "../lib/flow/builder.ts";
import { planFlow } from "../lib/graph/plan_flow.ts";
import { EnvelopeScanner } from "../lib/message/wire/envelope_scanner.ts";
import { LineRouter } from "../lib/pipe/workers/line_router.ts";
import { findStuck } from "../lib/run/deadlock/wait_graph.ts";
import { testActor } from "../actors/typescript/sluice_actor.ts";

export interface Micro {
  readonly name: string;
  readonly against: string;
  /** Time of ours for one of the baseline's. */
  readonly ratio: number;
}

interface Pair {
  readonly name: string;
  readonly against: string;
  readonly ours: () => unknown;
  readonly baseline: () => unknown;
}

const LINE = JSON.stringify({
  message_type: "Deposit",
  receiver: "bank/account-1234",
  message_id: "0f8fad5b-d9cb-469f-a165-70867728950e",
  message: { amount: 12, note: "a text of some length", tags: ["a", "b"] },
});

/** Runs them all, each for so long in milliseconds. */
export async function runMicro(ms: number): Promise<readonly Micro[]> {
  const found: Micro[] = [];
  for (const { name, against, ours, baseline } of await listPairs()) {
    const bench = new Bench({ time: ms, warmupTime: ms / 4 });
    bench.add("ours", ours).add("baseline", baseline);
    await bench.run();
    const [own = Number.NaN, other = Number.NaN] = bench.tasks.map(({ result }) =>
      "latency" in result ? result.latency.p50 : Number.NaN
    );
    found.push({ name, against, ratio: own / other });
  }
  return found;
}

async function listPairs(): Promise<readonly Pair[]> {
  return [scanner(), router(), planner(), waits(), await codec()];
}

function scanner(): Pair {
  const scanner = new EnvelopeScanner();
  const bytes = new TextEncoder().encode(`${LINE}\n`);
  const end = bytes.length - 1;
  return {
    name: "envelope scanner",
    against: "JSON.parse",
    ours: () => scanner.scan(bytes, 0, end),
    baseline: () => JSON.parse(LINE),
  };
}

function router(): Pair {
  const text = Array.from({ length: 1_000 }, (_, at) => `${at}\tk${at % 37}\tsome more text\n`).join("");
  const bytes = new TextEncoder().encode(text);
  const router = new LineRouter({ count: 4, key: { kind: "column", column: 2, separator: "\t" } });
  return {
    name: "line router, 1,000 lines",
    against: "split of lines and columns",
    ours: () => router.route(bytes),
    baseline: () => text.split("\n").map((line) => line.split("\t")[1]),
  };
}

function planner(): Pair {
  const actors = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [
    `a${at}`,
    at < 10
      ? { run: ["true"] }
      : { run: ["true"], in: [`a${at - 10}`, `a${at - 9 - (at % 10 === 9 ? 2 : 0)}`] },
  ]));
  const checked = flow({ actors }, { folder: "/" });
  const text = JSON.stringify(actors);
  return {
    name: "planner, 1,000 actors",
    against: "JSON.parse of them",
    ours: () => planFlow(checked),
    baseline: () => JSON.parse(text),
  };
}

function waits(): Pair {
  const names = Array.from({ length: 1_000 }, (_, at) => `n${at}`);
  const next = new Map(names.map((name, at) => [name, [names[(at + 1) % names.length] ?? ""]]));
  return {
    name: "wait graph, 1,000 nodes",
    against: "a walk along a map",
    ours: () => findStuck(names, (node) => ({ kind: "any", of: next.get(node) ?? [] })),
    baseline: () => {
      const seen = new Set<string>();
      for (let node = "n0"; !seen.has(node); node = next.get(node)?.[0] ?? "n0") seen.add(node);
      return seen.size;
    },
  };
}

async function codec(): Promise<Pair> {
  const actor = await testActor({
    // Answers with what it was given.
    Deposit: (env, self) => self.reply(env, "Done", env.msg),
  });
  return {
    name: "TypeScript SDK, a message and its answer",
    against: "JSON.parse and JSON.stringify",
    ours: async () => {
      await actor.send("Deposit", { amount: 12, note: "a text of some length" });
      actor.sent.length = 0;
    },
    baseline: () => JSON.stringify(JSON.parse(LINE)),
  };
}
