/** Starts a handler on stdin and stdout, as the engine does. */
import { join } from "node:path";
import process from "node:process";
import { root, startCommand } from "../e2e/rig.ts";
import { handlers, program, pythons } from "./socket_rig.ts";

const bin = join(root, "node_modules", ".bin");
const typescript = join(root, "actors", "typescript", "sluice_handler.ts");

/** The ways in which handlers are run: name, command, and how a handler of cases.py or cases.ts is named. */
export const hosts = [
  ...pythons.map((name) => ({
    name,
    command: [name, program, "--stdio"],
    handler: (name: string) => `cases.${name}`,
  })),
  ...[
    { name: "node", command: [join(bin, "node"), typescript] },
    { name: "deno", command: [join(bin, "deno"), "run", "-A", typescript] },
    { name: "bun", command: [join(bin, "bun"), typescript] },
  ].map((host) => ({ ...host, handler: (name: string) => `cases.ts#${name}` })),
];

export type Host = typeof hosts[number];

export interface Handling {
  readonly handler: string;
  readonly mode?: "payload" | "envelope";
  readonly env?: Readonly<Record<string, string>>;
  /** Payloads, or whole envelopes. */
  readonly payloads?: readonly unknown[];
  readonly lines?: readonly string[];
}

/** Gives a handler messages and gives back what it wrote. */
export async function handle(host: Host, { handler, mode, env, payloads = [], lines }: Handling) {
  const input = lines ?? payloads.map((message, at) => JSON.stringify(envelope(message, `${at}`)));
  const { code, stdout, stderr } = await startCommand(host.command, {
    cwd: handlers,
    stdin: input.map((line) => `${line}\n`).join(""),
    env: {
      PATH: `${process.env["PATH"]}`,
      SLUICE_PROTOCOL: "messages",
      SLUICE_ACTOR: "a",
      SLUICE_HANDLER: host.handler(handler),
      SLUICE_HANDLER_MODE: mode ?? "payload",
      PYTHONDONTWRITEBYTECODE: "1",
      ...env,
    },
  }).ended;
  const answers = stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  return { code, answers, stderr };
}

/** An envelope as the engine writes it. */
export function envelope(message: unknown, id: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    message_type: "Record",
    receiver: "a",
    sender_actor: "b",
    sender_endpoint: "sluice://r",
    message_id: id,
    route: { actors: ["a", "b"], current: 0 },
    ...more,
    message,
  };
}
