/**
 * Calls a plain function for each message: a message a line in, its result a line out. Written for Node, Deno and
 * Bun, with nothing to install; the engine starts it with SLUICE_HANDLER="path.ts#export". docs/handlers.md has the
 * lines it writes.
 */
import { writeSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

type Json = Record<string, unknown>;
type Handler = (argument: unknown) => unknown;

/** What the engine says to every actor. */
const CONTROL = ["Start", "Shutdown", "Activate", "Deactivate"];
const FAN_OUT_MAX = 65_536;
const MODES = ["payload", "envelope"];

const env = process.env;
const mode = env["SLUICE_HANDLER_MODE"] ?? "payload";
const withMetadata = isYes(env["SLUICE_HANDLER_METADATA"] ?? "false");
const isChecked = isYes(env["SLUICE_HANDLER_VALIDATE"] ?? "true");
const self = env["SLUICE_ACTOR"] ?? "handler";

/** Why a message has no result. */
class Failure extends Error {
  readonly code = "processing_error";
}

/** What `process.exit` throws while a handler runs. */
class Exit extends Error {
  override readonly name = "Exit";
}

await main();

async function main(): Promise<void> {
  keepOutput();
  const handler = await loadHandler(env["SLUICE_HANDLER"] ?? "").catch((error: unknown) => {
    process.stderr.write(`Cannot load handler: ${textOf(error)}\n`);
    return undefined;
  });
  if (handler === undefined) {
    process.exitCode = 1;
    return;
  }
  await readLines((line) => handle(line, handler));
  process.exit(0);
}

/** What handlers print goes to stderr: stdout belongs to results. */
function keepOutput(): void {
  console.log = console.info = console.debug = console.error;
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
}

async function loadHandler(text: string): Promise<Handler> {
  const [, path, names] = /^(.+)#([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)?)$/.exec(text) ?? [];
  if (path === undefined || names === undefined) {
    throw new Error(`invalid handler "${text}" (expected path.ts#export or path.ts#Class.method)`);
  }
  if (!MODES.includes(mode)) {
    throw new Error(`Invalid SLUICE_HANDLER_MODE=${mode}: not in ${MODES.join(", ")}`);
  }
  const module: Json = await import(pathToFileURL(resolve(path)).href);
  const [first = "", method] = names.split(".");
  const member = module[first];
  if (member === undefined) throw new Error(`"${path}" has no export "${first}"`);
  const owner = method === undefined || !isClass(member) ? member : construct(member);
  // Methods of classes, of instances and of plain objects are all found by their name.
  const handler = method === undefined ? owner : (owner as Json)[method];
  if (typeof handler !== "function") {
    throw new Error(`"${text}" is no function (it is of type ${typeof handler})`);
  }
  if (isClass(handler)) throw new Error(`"${text}" is a class (expected a method of it: ${text}.method)`);
  return handler.bind(method === undefined ? undefined : owner);
}

function isClass(value: unknown): value is new () => unknown {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

/** `length` counts the parameters without a default. */
function construct(Class: new () => unknown): unknown {
  if (Class.length > 0) {
    throw new Error(
      `Class handler ${Class.name}: the constructor's parameters must have default values. ` +
        "It is made once, with no arguments.",
    );
  }
  return new Class();
}

/** Gives each line to `take`, one after the other, until it says that no more come. */
async function readLines(take: (line: string) => Promise<boolean>): Promise<void> {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  for await (const bytes of process.stdin) {
    const lines = decoder.decode(bytes, { stream: true }).split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) {
      rest.push(line);
      if (!await take(rest.join(""))) return;
      rest = [];
    }
    if (last !== "") rest.push(last);
  }
}

async function handle(line: string, handler: Handler): Promise<boolean> {
  let result: unknown = /"message_id":"([^"\\]*)"/.exec(line)?.[1];
  try {
    const envelope: Json = JSON.parse(line);
    result = envelope["message_id"];
    if (envelope["sender_actor"] === "$engine" && CONTROL.includes(`${envelope["message_type"]}`)) {
      if (envelope["message_type"] === "Shutdown") return false;
      write(JSON.stringify({ ack: result }));
      return true;
    }
    const messages = await call(handler, envelope);
    write(toJson({ result, messages }));
  } catch (error) {
    const { name, stack } = error instanceof Error ? error : { name: typeof error, stack: undefined };
    if (!(error instanceof Failure)) process.stderr.write(`${stack ?? textOf(error)}\n`);
    const details = { type: name, traceback: stack ?? "" };
    write(JSON.stringify({ result, error: { code: "processing_error", message: textOf(error), details } }));
  }
  return true;
}

async function call(handler: Handler, envelope: Json): Promise<Json[]> {
  const payload = envelope["message"];
  if (mode === "payload" && !withMetadata) {
    return (await results(handler, payload)).map((message) => ({ message }));
  }
  const { parent_id, message_type } = envelope;
  const outputs = await results(handler, {
    payload,
    route: envelope["route"] ?? { actors: [self], current: 0 },
    headers: envelope["headers"] ?? {},
    id: envelope["message_id"],
    ...(parent_id !== undefined && { parent_id }),
    ...(message_type !== undefined && { message_type }),
  });
  if (mode === "payload") return outputs.map((message) => ({ message }));
  return outputs.flatMap((output, at) => {
    const wrong = complaint(output);
    if (wrong !== undefined) {
      throw new Failure(`Invalid output envelope[${at}/${outputs.length}]: ${wrong}`);
    }
    const { payload: message, route, headers, message_type } = output as Json;
    // `undefined` and `null` stand for what the message had.
    return message === undefined ? [] : [{
      message,
      route: route ?? undefined,
      headers: headers ?? undefined,
      message_type: message_type ?? undefined,
    }];
  });
}

/** Only whether it is an envelope: rules about routes are checked by the engine, with its own copy. */
function complaint(output: unknown): string | undefined {
  if (typeof output !== "object" || output === null || Array.isArray(output)) {
    return `Envelope must be a dict, not ${
      Array.isArray(output) ? "list" : output === null ? "null" : typeof output
    }`;
  }
  const missing = ["payload", "route"].find((field) => (output as Json)[field] === undefined);
  return isChecked && missing !== undefined ? `Missing required field '${missing}' in envelope` : undefined;
}

/** The results of one call, whatever kind of function it is. */
async function results(handler: Handler, argument: unknown): Promise<unknown[]> {
  const exit = process.exit;
  process.exit = (code) => {
    throw new Exit(`Handler called process.exit(${code ?? ""})`);
  };
  try {
    const value = await handler(argument);
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return value;
    if (typeof value !== "object" || !isGenerator(value)) return [value];
    const taken: unknown[] = [];
    for await (const each of value) {
      if (taken.length === FAN_OUT_MAX) {
        throw new Failure(`Handler has yielded more than ${FAN_OUT_MAX} messages`);
      }
      taken.push(each);
    }
    return taken;
  } finally {
    process.exit = exit;
  }
}

function isGenerator(value: object): value is AsyncIterable<unknown> {
  return /^\[object (Async)?Generator\]$/.test(Object.prototype.toString.call(value));
}

/** JSON that says what the value says: what JSON.stringify would leave out or make into something else is refused. */
function toJson(answer: { readonly result: unknown; readonly messages: readonly Json[] }): string {
  const text = JSON.stringify(answer);
  // Nearly all results have neither; only then is there something to look for.
  if (!text.includes("null") && !text.includes("{}")) {
    if (
      answer.messages.every((each) => each["message"] !== undefined && typeof each["message"] !== "function")
    ) {
      return text;
    }
  }
  for (const { message } of answer.messages) refuse(message, []);
  return text;
}

function refuse(value: unknown, path: readonly (string | number)[]): void {
  const where = path.length === 0 ? "the result" : path.join(".");
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TypeError(`${where} is ${value}: no JSON`);
  }
  if (
    typeof value === "function" || typeof value === "symbol" || (value === undefined && path.length === 0)
  ) {
    throw new TypeError(`${where} is of type ${typeof value}: no JSON`);
  }
  if (typeof value !== "object" || value === null || "toJSON" in value) return;
  if (value instanceof Map || value instanceof Set || value instanceof Promise) {
    throw new TypeError(`${where} is a ${value.constructor.name}: no JSON`);
  }
  for (const [key, each] of Object.entries(value)) refuse(each, [...path, key]);
}

/** Writes a line whole; the pipe may have been made non-blocking by somebody who shares it. */
function write(text: string): void {
  let bytes: Uint8Array = new TextEncoder().encode(`${text}\n`);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EPIPE") process.exit(1);
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

function isYes(text: string): boolean {
  return ["true", "1", "yes"].includes(text.trim().toLowerCase());
}
