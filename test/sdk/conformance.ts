/**
 * Holds any program against the table of exchanges: `node test/sdk/conformance.ts [--parts wire,ask] -- COMMAND…`
 * prints what failed and exits 1.
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type Exchange, EXCHANGES, type Line, type Part, PARTS, say, type Step } from "./exchanges.ts";

/** How long a line or an end is waited for; only what hangs takes so long. */
const PATIENCE_MS = 20_000;

/** Keys an SDK may add to what it writes; a failure may have a payload beside its error. */
const OPTIONAL = ["message_id"];

/** What a program wrote and how it ended. */
interface Watched {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly ids: Map<string, string>;
  readonly state: { stderr: string; ended: string | null };
}

/** Runs one exchange against a program. */
export async function runExchange(command: readonly string[], exchange: Exchange): Promise<string | null> {
  const watched = watch(command, exchange);
  try {
    const ends = exchange.steps.some((step) => "ends" in step);
    const steps = ends ? exchange.steps : [...exchange.steps, ...CLOSING];
    for (const [place, step] of steps.entries()) {
      const failure = await take(step, watched);
      if (failure !== null) {
        return `step ${place + 1}: ${failure}${
          watched.state.stderr === "" ? "" : `\nstderr:\n${watched.state.stderr}`
        }`;
      }
    }
    return null;
  } finally {
    watched.child.kill("SIGKILL");
  }
}

const CLOSING: readonly Step[] = [
  {
    give: [{ ...Object(say(0, "Shutdown", {}, { sender_actor: "$engine" })), message_id: undefined }],
  },
  { close: "stdin" },
  { ends: "well" },
];

function watch(command: readonly string[], exchange: Exchange): Watched {
  const [file = "", ...args] = command;
  const { SLUICE_ACK: _, SLUICE_SUPERVISOR: __, ...inherited } = process.env;
  const child = spawn(file, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      ...inherited,
      SLUICE_PROTOCOL: "messages",
      SLUICE_ACTOR: "actor",
      SLUICE_RUN: "run",
      ...exchange.env,
    },
  });
  const lines: string[] = [];
  const state: Watched["state"] = { stderr: "", ended: null };
  let rest = "";
  child.stdin.on("error", () => undefined); // It may end before it has read all.
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => state.stderr += text);
  child.on("error", (error) => state.ended = `cannot start: ${error.message}`);
  child.on("close", (code, signal) => state.ended ??= code === null ? `signal ${signal}` : `exit ${code}`);
  return { child, lines, ids: new Map(), state };
}

async function take(step: Step, watched: Watched): Promise<string | null> {
  if ("give" in step) return await give(step, watched);
  if ("expect" in step) return await expectLines(step, watched);
  if ("close" in step) {
    if (step.close === "stdin") watched.child.stdin?.end();
    else watched.child.stdout?.destroy();
    return null;
  }
  if ("told" in step) {
    const found = await until(() => watched.state.stderr.includes(step.told));
    return found ? null : `standard error does not contain ${JSON.stringify(step.told)}`;
  }
  await until(() => watched.state.ended !== null);
  const { ended } = watched.state;
  if (ended === null) return "it has not ended";
  if (watched.lines.length > 0) return `more was written: ${excerpt(watched.lines[0] ?? "")}`;
  const well = step.ends === "somehow" || (ended === "exit 0") === (step.ends === "well");
  return well ? null : `it ended with ${ended} (expected to end ${step.ends})`;
}

async function give(step: Extract<Step, { give: unknown }>, { child, ids }: Watched): Promise<null> {
  const text = step.give.map((line) => typeof line === "string" ? line : JSON.stringify(line)).join("\n");
  const bytes = Buffer.from(
    text.replaceAll(/<uuid (\w+)>/g, (_, name: string) => ids.get(name) ?? "") + "\n",
  );
  const size = step.pieceBytes ?? bytes.length;
  for (let place = 0; place < bytes.length; place += size) {
    child.stdin?.write(bytes.subarray(place, place + size));
    if (size < bytes.length) await turn();
  }
  return null;
}

async function expectLines(
  step: Extract<Step, { expect: unknown }>,
  watched: Watched,
): Promise<string | null> {
  const { lines, state } = watched;
  await until(() => lines.length >= step.expect.length || state.ended !== null);
  const got = lines.splice(0, step.expect.length);
  const missing = [...step.expect];
  for (const line of got) {
    const candidates = step.order === "any" ? missing : missing.slice(0, 1);
    const place = candidates.findIndex((expected) => matches(line, expected, watched.ids));
    if (place < 0) {
      return `expected ${excerpt(JSON.stringify(candidates[0]))}\n   but got ${excerpt(line)}`;
    }
    missing.splice(place, 1);
  }
  if (missing.length === 0) return null;
  return `expected ${excerpt(JSON.stringify(missing[0]))}\n   but nothing came${
    state.ended === null ? "" : ` (${state.ended})`
  }`;
}

function matches(line: string, expected: Line, ids: Map<string, string>): boolean {
  if (typeof expected === "string") return line === expected;
  try {
    const got: unknown = JSON.parse(line);
    if (typeof got !== "object" || got === null) return false;
    const optional = "error" in expected ? [...OPTIONAL, "message"] : OPTIONAL;
    const kept = Object.entries(got).filter(([key]) => key in expected || !optional.includes(key));
    return same(Object.fromEntries(kept), expected, ids);
  } catch {
    return false; // Not JSON: not the line.
  }
}

function same(got: unknown, expected: unknown, ids: Map<string, string>): boolean {
  if (typeof expected === "string" && expected.startsWith("<")) return stands(got, expected, ids);
  if (typeof expected !== "object" || expected === null) return isDeepStrictEqual(got, expected);
  if (typeof got !== "object" || got === null || Array.isArray(got) !== Array.isArray(expected)) return false;
  const keys = Object.keys(expected);
  return keys.length === Object.keys(got).length &&
    keys.every((key) => key in got && same(Reflect.get(got, key), Reflect.get(expected, key), ids));
}

function stands(got: unknown, placeholder: string, ids: Map<string, string>): boolean {
  if (placeholder === "<any>") return true;
  if (typeof got !== "string") return false;
  if (placeholder === "<text>") return got !== "";
  const name = /^<uuid (\w+)>$/.exec(placeholder)?.[1];
  if (name === undefined) return got === placeholder;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(got)) return false;
  const known = ids.get(name);
  ids.set(name, got);
  return known === undefined || known === got;
}

function excerpt(text: string): string {
  return text.length <= 500 ? text : `${text.slice(0, 500)}… (${text.length} characters)`;
}

async function until(condition: () => boolean): Promise<boolean> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > deadline) return false;
    await sleep(2);
  }
  return true;
}

async function main(args: readonly string[]): Promise<void> {
  const at = args.indexOf("--");
  const command = at < 0 ? [] : args.slice(at + 1);
  const chosen = args[0] === "--parts" ? (args[1] ?? "").split(",") : [...PARTS];
  const unknown = chosen.filter((part) => !PARTS.some((known) => known === part));
  if (command.length === 0 || unknown.length > 0) {
    console.error(`usage: conformance.ts [--parts ${PARTS.join(",")}] -- COMMAND…`);
    process.exit(2);
  }
  const exchanges = EXCHANGES.filter(({ part }) => chosen.includes(part satisfies Part));
  let failed = 0;
  for (const exchange of exchanges) {
    const failure = await runExchange(command, exchange);
    if (failure === null) continue;
    failed++;
    console.log(`✗ ${exchange.part}: ${exchange.name}\n  ${failure.replaceAll("\n", "\n  ")}`);
  }
  console.log(`${exchanges.length - failed} of ${exchanges.length} exchanges as they should be`);
  process.exit(failed > 0 ? 1 : 0);
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2));
