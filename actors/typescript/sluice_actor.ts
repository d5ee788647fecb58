/**
 * Actors for Sluice in TypeScript and JavaScript, on Deno, Bun and Node: one file, no dependencies.
 *
 * ```ts
 * import { run } from "sluice/actor";
 *
 * run<{ Ping: { count: number } }>({
 *   Ping: (env, self) => self.reply(env, "Pong", { count: env.msg.count + 1 }),
 * });
 * ```
 *
 * An actor reads envelopes, one JSON object a line, and writes envelopes. What it prints with `console` goes to
 * stderr. Three styles: a table of handlers, a class with `on<Message type>` methods, and a function with a
 * receive loop (`for await (const env of ctx)`). See docs/sdk.md.
 */
import { Console } from "node:console";
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";

// Not imported: the module `node:process` opens the standard streams on Node and makes stdout non-blocking.
const { process } = globalThis;

/** How long `ask` waits unless told. */
const ASK_MS = 5000;
/** The engine answers a late ask itself; only then does this side give up. */
const ASK_GRACE_MS = 500;
/** Messages kept while an ask waits. */
const ASK_QUEUE_MAX = 10_000;
/** Messages read ahead of a handler that takes its time. */
const QUEUE_MAX = 1000;
const LINE_CHARACTERS_MAX = 64 * 1024 * 1024;
/** What is gathered at most before it is written. */
const WRITE_CHARACTERS = 64 * 1024;
/** After a handler this slow each message's output is written at once, for so many messages. */
const SLOW_MS = 0.5;
const EAGER_MESSAGES = 64;
/** Asks given up whose late replies are dropped, and timers cancelled. */
const LATE_MAX = 1000;

const BUILT_IN: ReadonlySet<unknown> = new Set([
  "Start",
  "Shutdown",
  "Timeout",
  "Reject",
  "Activate",
  "Deactivate",
]);
const LIFECYCLE: ReadonlySet<unknown> = new Set(["Start", "Shutdown", "Activate", "Deactivate"]);

/** Message types and their payloads, for actors that do not say which they know. */
export type AnyMessages = Record<string, unknown>;

/** The messages that the engine sends. */
export interface BuiltIn {
  Start: { name: string; key: string | null; args: unknown; state: unknown };
  Shutdown: Record<string, never>;
  Activate: { key: string; state: unknown };
  Deactivate: { key: string };
  Timeout: { id: string | number };
  Reject: { message_type: string; reason: string; code: string; rejected_by: string; envelope?: unknown };
}

type TypeOf<Messages> = keyof Messages & string;
type Raw = Readonly<Record<string, unknown>>;

/** What an error reply says. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly details?: unknown;
}

/** What may go along with a message. */
export interface SendOptions {
  /** 0 to 255; higher is delivered first. @default 128 */
  readonly priority?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly correlationId?: string;
  readonly messageId?: string;
}

/** A business error: the sender gets a reply with `error: {code, message, details}`, the actor goes on. */
export class ActorError extends Error {
  override name = "ActorError";
  readonly code: string;
  readonly details: unknown;

  constructor(code: string, message = "", options: { readonly details?: unknown } = {}) {
    super(message);
    this.code = code;
    this.details = options.details;
  }
}

/** An ask without a good reply: `code` is that of the failure reply, or TIMEOUT, DEADLOCK, REJECTED, CLOSED… */
export class AskError extends ActorError {
  override name = "AskError";
}

/** The actor cannot go on: the process exits with 1 and its supervisor decides. */
export class Fatal extends Error {
  override name = "Fatal";
}

/** A message as it came. */
export class Envelope<Payload = unknown> {
  /** All of it. */
  readonly raw: Raw;

  constructor(raw: Raw) {
    this.raw = raw;
  }

  /** The payload; `{}` for null. */
  get msg(): Payload {
    return (this.raw["message"] ?? {}) as Payload; // What a message type carries is agreed among the actors.
  }

  get type(): string {
    return text(this.raw["message_type"]) ?? "";
  }

  get sender(): string | null {
    return text(this.raw["sender_actor"]);
  }

  get senderEndpoint(): string | null {
    return text(this.raw["sender_endpoint"]);
  }

  get receiver(): string | null {
    return text(this.raw["receiver"]);
  }

  get messageId(): string | null {
    return text(this.raw["message_id"]);
  }

  get correlationId(): string | null {
    return text(this.raw["correlation_id"]);
  }

  get topic(): string | null {
    return text(this.raw["topic"]);
  }

  get priority(): number {
    const { priority } = this.raw;
    return typeof priority === "number" ? priority : 128;
  }

  get headers(): Raw {
    return record(this.raw["headers"]) ?? {};
  }

  /** This message reports a failure. */
  get error(): ErrorBody | null {
    const error = record(this.raw["error"]);
    if (error === null) return null;
    return { code: text(error["code"]) ?? "ERROR", message: text(error["message"]) ?? "", ...error };
  }

  /** The sender waits for a reply. */
  get isAsk(): boolean {
    return "ask" in this.headers;
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function record(value: unknown): Raw | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Raw : null;
}

/** A timer of the engine; see `once` and `every`. */
export class Timer {
  readonly id: string | number;
  readonly #cancel: () => void;

  constructor(id: string | number, cancel: () => void) {
    this.id = id;
    this.#cancel = cancel;
  }

  /** No Timeout of it is handled from now on, not even one that is on its way. */
  cancel(): void {
    this.#cancel();
  }
}

/** What actors of every style can do. */
export class Self<Emits extends object = AnyMessages, State = unknown> {
  /** The actor's name in the flow. */
  name = "";
  /** Which instance of a keyed actor this is. */
  key: string | null = null;
  /** `args` of the flow file. */
  args: unknown = null;
  /** What was saved last, in this life or an earlier one; saved when the instance is deactivated or shut down. */
  state: State | null = null;
  #host: Host | null = null;
  #by = "";
  #saved = "null";

  /** Sends and goes on. */
  send<Type extends TypeOf<Emits>>(
    to: string,
    type: Type,
    message: Emits[Type],
    options: SendOptions = {},
  ): void {
    this.#put(line(type, message, this.#head(to, options)));
  }

  /** To everybody whose `subscribe` matches the topic. */
  publish<Type extends TypeOf<Emits>>(
    topic: string,
    type: Type,
    message: Emits[Type],
    options: SendOptions = {},
  ): void {
    this.#put(line(type, message, `${this.#head(null, options)}"topic":${quote(topic)},`));
  }

  /** Answers a message; without anybody to answer nothing is sent. */
  reply<Type extends TypeOf<Emits>>(
    env: Envelope,
    type: Type,
    message: Emits[Type],
    options: SendOptions = {},
  ): void {
    const sender = env.sender;
    const id = env.messageId;
    if (sender === null && id === null) return;
    const head = this.#head(sender, options);
    this.#put(line(type, message, id === null ? head : `${head}"correlation_id":${quote(id)},`));
  }

  /** To the next actor of the message's route, or to `happy-end` after the last; `then` come before that. */
  forward(env: Envelope, message: unknown, { then = [] }: { readonly then?: readonly string[] } = {}): void {
    const given = record(env.raw["route"]) ?? { actors: [this.name], current: 0 };
    const ahead = Number(given["current"] ?? 0) + 1;
    const actors = Array.isArray(given["actors"]) ? given["actors"] : [];
    const route = {
      ...given,
      actors: [...actors.slice(0, ahead), ...then, ...actors.slice(ahead)],
      current: ahead,
    };
    const headers = record(env.raw["headers"]);
    const head = `${this.#by}"route":${encode(route)},`;
    this.#put(line(env.type, message, headers === null ? head : `${head}"headers":${encode(headers)},`));
  }

  /** Writes one JSON line to the actor's stdout stream, for byte actors that read it. */
  emit(value: unknown): void {
    this.#put(`{${this.#by}"message":${encode(value)}}`);
  }

  /** Sends, waits for the reply and gives its payload; an AskError tells why there is none. */
  async ask<Reply = unknown, Type extends TypeOf<Emits> = TypeOf<Emits>>(
    to: string,
    type: Type,
    message: Emits[Type],
    options: SendOptions & { readonly timeoutMs?: number } = {},
  ): Promise<Reply> {
    const { timeoutMs = ASK_MS, ...sending } = options;
    if (!(timeoutMs > 0)) {
      throw new RangeError(`An ask needs a timeout in milliseconds, not ${timeoutMs}`);
    }
    const messageId = crypto.randomUUID();
    const headers = { ...sending.headers, ask: timeoutMs };
    const asked = line(type, message, this.#head(to, { ...sending, messageId, headers }));
    const reply = await this.#of().ask({ messageId, line: asked, to, timeoutMs });
    return answerOf(reply) as Reply; // What a reply carries is agreed among the actors.
  }

  /** Saves `state`; a later Start or Activate brings it back. */
  save(state: State | null = this.state): void {
    this.#saved = encode(state);
    this.state = state;
    this.#put(`{"message_type":"Save","receiver":"$state",${this.#by}"message":${this.#saved}}`);
  }

  /** The state as it was last saved. */
  async load(): Promise<State | null> {
    const asking = this as unknown as Self<{ Load: object }>; // $state is not among the actor's own messages.
    const { state } = await asking.ask<{ state: State | null }>("$state", "Load", {});
    return state;
  }

  /** The run is over: its sources stop and every actor gets Shutdown. With a code other than 0 it has failed. */
  finish(reason?: string, { code = 0 }: { readonly code?: number } = {}): void {
    const message = {
      ...(reason === undefined ? {} : { reason }),
      ...(code === 0 ? {} : { code }),
    };
    this.#system("$flow", "Finish", message);
  }

  /** A line for the run's log, with fields. */
  log(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#system("$log", "Log", { level: "info", ...fields, text: message });
  }

  /** One Timeout after so long. */
  once(ms: number, id: string | number = this.#of().nextTimer()): Timer {
    return this.#timer("Once", id, { id, after: ms });
  }

  /** A Timeout every so often, the first after one interval. */
  every(ms: number, id: string | number = this.#of().nextTimer()): Timer {
    return this.#timer("Every", id, { id, every: ms });
  }

  /** Writes what has been sent so far now, not when the handler is done. */
  flush(): void {
    this.#of().flush();
  }

  /** @internal Gives the instance what it has before its first hook. */
  attach(host: Host, given: { name: string; key: string | null; args: unknown; state: unknown }): void {
    this.#host = host;
    this.name = given.name;
    this.key = given.key;
    this.args = given.args;
    this.state = (given.state ?? null) as State | null; // What the actor itself saved.
    this.#by = host.isKeyed && given.key !== null ? `"sender_key":${quote(given.key)},` : "";
    this.#saved = encode(this.state);
  }

  /** @internal Saves a state at the end of an instance. */
  saveAtEnd(isDeactivated: boolean): void {
    if (this.state !== null && (isDeactivated || encode(this.state) !== this.#saved)) this.save();
  }

  #timer(type: "Once" | "Every", id: string | number, message: object): Timer {
    const host = this.#of();
    const place = timerPlace(this.key, id);
    host.cancelled.delete(place);
    this.#system("$timer", type, message);
    const timer: Timer = new Timer(id, () => {
      if (host.timers.get(place) !== timer) return;
      host.timers.delete(place);
      host.cancelled.add(place);
      if (host.cancelled.size > LATE_MAX) dropFirst(host.cancelled);
      this.#system("$timer", "Cancel", { id });
    });
    host.timers.set(place, timer);
    if (type === "Once") host.once.add(place);
    else host.once.delete(place);
    return timer;
  }

  #system(receiver: string, type: string, message: unknown): void {
    this.#put(line(type, message, `"receiver":${quote(receiver)},${this.#by}`));
  }

  #put(text: string): void {
    this.#of().put(text);
  }

  #of(): Host {
    if (this.#host === null) throw new Error("Cannot send: the actor does not run (see run and testActor)");
    return this.#host;
  }

  #head(receiver: string | null, options: SendOptions): string {
    let head = receiver === null ? this.#by : `"receiver":${quote(receiver)},${this.#by}`;
    if (options.correlationId !== undefined) head += `"correlation_id":${quote(options.correlationId)},`;
    if (options.messageId !== undefined) head += `"message_id":${quote(options.messageId)},`;
    if (options.priority !== undefined) head += `"priority":${encode(options.priority)},`;
    if (options.headers !== undefined) head += `"headers":${encode(options.headers)},`;
    return head;
  }
}

function timerPlace(key: string | null, id: unknown): string {
  return `${JSON.stringify(id)} ${key ?? ""}`;
}

function dropFirst(values: Set<string>): void {
  for (const value of values) {
    values.delete(value);
    return;
  }
}

/** The payload of a reply, or its error thrown. */
function answerOf(reply: Raw): unknown {
  const env = new Envelope<BuiltIn["Reject"]>(reply);
  if (env.error !== null) throw new AskError(env.error.code, env.error.message, env.error);
  if (env.type === "Reject" && env.sender === "$engine") throw new AskError(env.msg.code, env.msg.reason);
  return env.msg;
}

/**
 * An actor as a class: a method `on<Message type>(env)` for each type. Hooks: `preStart()`, `onStart(env)`,
 * `onShutdown(env)`, `onStop()`; of an instance of a keyed actor `onActivate(env)` (or else `onStart`) and
 * `onDeactivate(env)`. `onReceive(env)` takes what has no method of its own.
 */
export class Actor<Emits extends object = AnyMessages, State = unknown> extends Self<Emits, State> {
  /** Before anything else; name, key, args and state are known. */
  preStart(): void | Promise<void> {}

  /** After everything else. */
  onStop(): void | Promise<void> {}
}

/** What a handler gives back; a promise is awaited before the next message. */
export type Handled = void | Promise<void>;

/** A table of handlers by message type; `*` takes what has none of its own. */
export type Handlers<Accepts extends object, Emits extends object, State = unknown> =
  & {
    readonly [Type in TypeOf<Accepts & BuiltIn>]?: (
      env: Envelope<(Accepts & BuiltIn)[Type]>,
      self: Self<Emits, State>,
    ) => Handled;
  }
  & { readonly "*"?: (env: Envelope, self: Self<Emits, State>) => Handled };

/** What `run` and `testActor` take. */
export type Runnable<Accepts extends object, Emits extends object, State = unknown> =
  | Handlers<Accepts, Emits, State>
  | (new () => Actor<Emits, State>)
  | ((ctx: Context<Accepts, Emits, State>) => Promise<void>);

// --- the wire -------------------------------------------------------------------------------------------------

const quoted = new Map<string, string>();

/** A JSON text of a string; names come again and again. */
function quote(value: string): string {
  const known = quoted.get(value);
  if (known !== undefined) return known;
  if (typeof value !== "string") {
    throw new TypeError(`Cannot send: an address is ${typeof value}, not a text`);
  }
  const made = JSON.stringify(value);
  if (quoted.size < 200 && value.length < 32) quoted.set(value, made);
  return made;
}

/** A value as JSON; one that JSON would write as something else is refused. */
function encode(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  // Nearly nothing has either; only then is there something to look for.
  if (text.includes("null") || text.includes("{}")) refuseLost(value, []);
  return text;
}

function refuseLost(value: unknown, path: readonly string[]): void {
  const where = path.length === 0 ? "" : ` at "${path.join(".")}"`;
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TypeError(`Cannot write ${value}${where} as JSON: it has no such number`);
  }
  if (typeof value !== "object" || value === null || "toJSON" in value) return;
  for (const [kind, remedy] of LOST_KINDS) {
    if (value instanceof kind) throw new TypeError(`Cannot write a ${kind.name}${where} as JSON (${remedy})`);
  }
  for (const [key, each] of Object.entries(value)) refuseLost(each, [...path, key]);
}

/** What JSON would write as `{}`, whatever it holds. */
const LOST_KINDS = [
  [Map, "write Object.fromEntries(map), or [...map]"],
  [Set, "write [...set]"],
  [Promise, "await it"],
] as const;

/** An error as JSON, which has to be told whatever it holds. */
function encodeError(error: unknown): string {
  return JSON.stringify(error) ?? "null";
}

function line(type: string, message: unknown, head: string): string {
  return `{"message_type":${quote(type)},${head}"message":${encode(message)}}`;
}

function decode(line: string): Raw | null {
  try {
    const raw = record(JSON.parse(line));
    return raw !== null && typeof (raw["message_type"] ?? "") === "string" ? raw : null;
  } catch {
    return null; // Told by who asked for it.
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

function tell(message: string): void {
  process.stderr.write(`sluice_actor: ${message}\n`);
}

// --- the process ----------------------------------------------------------------------------------------------

/** What surrounds a host: the pipes of a process, or a test. */
interface Surroundings {
  /** A test wants errors thrown at it. */
  readonly isReal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  readonly write: (text: string) => void;
  /** Calls back after so long; gives what calls it off. */
  readonly after: (ms: number, call: () => void) => () => void;
  /** Stops and resumes reading. */
  readonly pause: (isPaused: boolean) => void;
  /** Nothing is left to do, or nothing can be done any more. */
  readonly end: (code: number, error?: unknown) => void;
}

interface Ask {
  readonly messageId: string;
  readonly line: string;
  readonly to: string;
  readonly timeoutMs: number;
}

/** An instance, and how its handlers are found. */
interface Instance {
  readonly actor: Self;
  readonly find: (type: string) => Handler | undefined;
  readonly handlers: Map<string, Handler>;
}

type Handler = (env: Envelope) => unknown;

/** @internal The lines of a process: who handles each, and what is written. */
export class Host {
  readonly timers = new Map<string, Timer>();
  readonly once = new Set<string>();
  readonly cancelled = new Set<string>();
  isKeyed: boolean;
  readonly #around: Surroundings;
  readonly #make: (host: Host) => Omit<Instance, "handlers">;
  readonly #acknowledges: boolean;
  readonly #instances = new Map<string | null, Instance>();
  readonly #asks = new Map<string, { settle: (raw: Raw) => void; fail: (error: Error) => void }>();
  readonly #late = new Set<string>();
  #name: string;
  #start: Partial<BuiltIn["Start"]> = {};
  #queue: (string | Raw | Answered)[] = [];
  #place = 0;
  #parts: string[] = [];
  #partsSize = 0;
  #isBusy = false;
  #isOpen = true;
  #hasEnded = false;
  #hasFailed = false;
  /** The message that is being handled. */
  #current: Raw | null = null;
  #isPaused = false;
  #isHandling = false;
  #out = "";
  #eager = 0;
  #looked = 0;
  #lastTimer = 0;
  #idle: (() => void)[] = [];

  constructor(around: Surroundings, make: (host: Host) => Omit<Instance, "handlers">) {
    this.#around = around;
    this.#make = make;
    this.#acknowledges = around.env["SLUICE_ACK"] === "1";
    this.isKeyed = around.env["SLUICE_SUPERVISOR"] === "keyed";
    this.#name = around.env["SLUICE_ACTOR"] ?? "";
  }

  nextTimer(): number {
    return ++this.#lastTimer;
  }

  after(ms: number, call: () => void): () => void {
    return this.#around.after(ms, call);
  }

  put(text: string): void {
    this.#out += `${text}\n`;
    if (this.#out.length > WRITE_CHARACTERS) this.flush();
    else if (!this.#isHandling) queueMicrotask(() => this.flush());
  }

  flush(): void {
    const text = this.#out;
    if (text === "") return;
    this.#out = "";
    this.#around.write(text);
  }

  /** Text that has come: whole lines and the beginning of one. */
  arrive(text: string): void {
    const end = text.lastIndexOf("\n");
    if (end < 0) return this.#keep(text);
    this.#keep(text.slice(0, end));
    const whole = this.#parts.length === 1 ? this.#parts[0] ?? "" : this.#parts.join("");
    this.#parts = [];
    if (this.#partsSize > LINE_CHARACTERS_MAX) {
      tell(`a line of more than ${LINE_CHARACTERS_MAX} characters was left out`);
    } else this.#sort(whole.split("\n"));
    this.#partsSize = 0;
    if (end + 1 < text.length) this.#keep(text.slice(end + 1));
    this.#limit();
    this.#looked = this.#around.now();
    this.#pump();
  }

  /** A message that was not read from a line. */
  deliver(raw: Raw): Promise<void> {
    this.#queue.push(raw);
    this.#pump();
    return new Promise((settle) => this.#isBusy ? this.#idle.push(settle) : settle());
  }

  /** No more input. */
  close(): void {
    if (!this.#isOpen) return;
    this.arrive("\n");
    this.#isOpen = false;
    for (const ask of this.#asks.values()) {
      ask.fail(new AskError("CLOSED", "Input ended before the reply came"));
    }
    this.#pump();
  }

  /** Ends the process because of an error. */
  crash(error: unknown): void {
    this.#hasEnded = true;
    this.flush();
    this.#around.end(1, error);
    this.#rest();
  }

  /** The actor has ended its process well: what it had in hand is handled, and its states are kept. */
  leave(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#current !== null) this.#ack(this.#current);
    for (const { actor } of this.#instances.values()) actor.saveAtEnd(false);
    // What came after that is for its next process.
    if (this.#acknowledges) this.put('{"receiver":"$flow","message_type":"Leave"}');
    this.flush();
  }

  /** The actor wants no more messages. */
  quit(): void {
    this.leave();
    this.#around.end(0);
    this.#rest();
  }

  /** Writes an ask; its reply is awaited while everything else is kept for later. */
  ask({ messageId, line, to, timeoutMs }: Ask): Promise<Raw> {
    const reply = new Promise<Raw>((settle, fail) => this.#asks.set(messageId, { settle, fail }));
    const late = this.#around.after(timeoutMs + ASK_GRACE_MS, () => {
      this.#late.add(messageId);
      if (this.#late.size > LATE_MAX) dropFirst(this.#late);
      const text = `No reply of '${to}' within ${timeoutMs} ms`;
      this.#asks.get(messageId)?.fail(new AskError("TIMEOUT", text));
    });
    this.put(line);
    this.flush();
    this.#limit();
    return reply.finally(() => {
      late();
      this.#asks.delete(messageId);
    });
  }

  /** A reply that came outside of the input, in a test. */
  answer(raw: Raw): void {
    this.#asks.get(text(raw["correlation_id"]) ?? "")?.settle(raw);
  }

  /** The key an envelope is for; null for the actor itself. */
  keyOf(raw: Raw): string | null {
    const { receiver } = raw;
    const at = typeof receiver === "string" ? receiver.indexOf("/") : -1;
    if (typeof receiver !== "string" || at < 0) return null;
    const key = receiver.slice(at + 1);
    return key === this.#start.key ? null : key;
  }

  #keep(text: string): void {
    this.#partsSize += text.length;
    if (this.#partsSize <= LINE_CHARACTERS_MAX || this.#parts.length === 0) this.#parts.push(text);
  }

  #sort(lines: readonly string[]): void {
    for (const line of lines) {
      const raw = this.#asks.size > 0 && line.includes('"correlation_id"') ? decode(line) : null;
      const ask = raw === null ? undefined : this.#asks.get(text(raw["correlation_id"]) ?? "");
      if (raw !== null && ask !== undefined) {
        ask.settle(raw);
        if (this.#acknowledges) this.#queue.push(new Answered(raw));
      } else this.#queue.push(line);
    }
  }

  /** Stops reading when much is waiting; while an ask waits its reply must get through. */
  #limit(): void {
    const waiting = this.#queue.length - this.#place;
    const isFull = waiting > (this.#asks.size > 0 ? ASK_QUEUE_MAX : QUEUE_MAX) && this.#isBusy;
    if (isFull && this.#asks.size > 0) {
      for (const ask of this.#asks.values()) {
        ask.fail(new AskError("OVERFLOW", `More than ${ASK_QUEUE_MAX} messages came before the reply`));
      }
    }
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    this.#around.pause(isFull);
  }

  /** Handles what waits, one message at a time. */
  #pump(): void {
    if (this.#hasEnded) return this.#rest();
    if (this.#isBusy) return;
    this.#isHandling = true;
    while (this.#place < this.#queue.length) {
      const next = this.#queue[this.#place++];
      const later = next === undefined ? undefined : this.#take(next);
      if (later !== undefined) return this.#await(later);
      this.#settled();
      if (this.#hasEnded) break;
    }
    this.#queue = [];
    this.#place = 0;
    if (!this.#isOpen && !this.#hasEnded) return this.#await(this.#lifecycle("Shutdown", {}));
    this.#isHandling = false;
    this.flush();
    this.#rest();
    this.#limit();
  }

  /** Nothing is being handled: tells those who wait for that. */
  #rest(): void {
    for (const settle of this.#idle.splice(0)) settle();
  }

  #await(later: Promise<unknown>): void {
    this.#isBusy = true;
    this.flush();
    this.#isHandling = false;
    const resume = () => {
      this.#isBusy = false;
      this.#settled();
      this.#pump();
    };
    later.then(resume, (error: unknown) => this.crash(error));
  }

  /** After each message: writes, unless more input waits and handlers are quick. */
  #settled(): void {
    this.#current = null;
    const now = this.#around.now();
    if (now - this.#looked > SLOW_MS) this.#eager = EAGER_MESSAGES;
    this.#looked = now;
    if (this.#eager > 0) {
      this.#eager--;
      this.flush();
    }
  }

  #take(next: string | Raw | Answered): Promise<unknown> | undefined {
    if (next instanceof Answered) {
      this.#ack(next.raw);
      return undefined;
    }
    const raw = typeof next === "string" ? decode(next) : next;
    if (raw !== null) return this.#handle(raw);
    if (typeof next === "string" && next.trim() !== "") {
      tell(`not an envelope: ${next.length <= 200 ? next : `${next.slice(0, 200)}…`}`);
    }
    return undefined;
  }

  #handle(raw: Raw): Promise<unknown> | undefined {
    this.#current = raw;
    const type = raw["message_type"];
    if (LIFECYCLE.has(type)) {
      const sender = raw["sender_actor"] ?? "$engine";
      if (typeof type === "string" && sender === "$engine") return this.#lifecycle(type, raw);
      this.#ack(raw); // A forged one.
      return undefined;
    }
    const key = this.keyOf(raw);
    const instance = this.#instances.get(key);
    if (instance !== undefined) return this.#call(instance, raw);
    const starting = this.#activate(key, { raw: {}, state: null, isActivated: key !== null });
    return starting.then((made) => this.#call(made, raw));
  }

  #call({ handlers, find }: Instance, raw: Raw): Promise<unknown> | undefined {
    const type = text(raw["message_type"]) ?? "";
    let handler = handlers.get(type);
    if (handler === undefined) {
      handler = find(type);
      if (handler !== undefined) handlers.set(type, handler);
    }
    if ((this.#late.size > 0 || type === "Timeout") && this.#isOutdated(raw)) handler = ignore;
    if (handler === undefined) {
      this.#refuse(raw, { code: "UNKNOWN_TYPE", message: `Unknown message type: ${type}` });
    } else {
      try {
        const result = handler(new Envelope(raw));
        if (result instanceof Promise) {
          return result.then(() => this.#ack(raw), (error: unknown) => this.#broke(raw, error));
        }
      } catch (error) {
        this.#broke(raw, error);
        return undefined;
      }
    }
    if (this.#acknowledges) this.#ack(raw);
    return undefined;
  }

  /** A late reply of an ask that was given up, or a Timeout of a cancelled timer. */
  #isOutdated(raw: Raw): boolean {
    if (this.#late.has(text(raw["correlation_id"]) ?? "")) return true;
    if (raw["message_type"] !== "Timeout" || (raw["sender_actor"] ?? "$timer") !== "$timer") return false;
    const place = timerPlace(this.keyOf(raw), record(raw["message"])?.["id"]);
    if (this.once.delete(place)) this.timers.delete(place);
    return this.cancelled.has(place);
  }

  async #lifecycle(type: string, raw: Raw): Promise<void> {
    const given = record(raw["message"]) ?? {};
    const ownKey = this.#start.key ?? null;
    const told = this.keyOf(raw) ?? text(given["key"]);
    const key = told === ownKey ? null : told;
    if (type === "Start") {
      this.#start = given;
      this.#name = text(given["name"]) ?? this.#name;
      const isHost = this.isKeyed && text(given["key"]) === null;
      // One with a process for each key has its own in Start.
      const isActivated = text(given["key"]) !== null;
      if (!isHost) await this.#activate(null, { raw, state: given["state"], isActivated });
    } else if (type === "Activate") {
      this.isKeyed = true;
      await this.#activate(key, { raw, state: given["state"], isActivated: true });
    } else if (type === "Deactivate") {
      await this.#stop(key, { hook: "Deactivate", raw });
    } else {
      if (this.#instances.size === 0 && !this.isKeyed) {
        await this.#activate(null, { raw: {}, state: null, isActivated: false });
      }
      for (const each of [...this.#instances.keys()]) await this.#stop(each, { hook: "Shutdown", raw });
      this.#hasEnded = true;
    }
    this.#ack(raw);
    if (!this.#hasEnded) return;
    this.flush();
    this.#around.end(this.#hasFailed ? 1 : 0);
  }

  async #activate(
    key: string | null,
    { raw, state, isActivated }: { raw: Raw; state: unknown; isActivated: boolean },
  ): Promise<Instance> {
    const instance: Instance = { ...this.#make(this), handlers: new Map() };
    const { actor, find } = instance;
    const { args = null, key: ownKey = null } = this.#start;
    actor.attach(this, { name: this.#name, key: key ?? ownKey, args, state });
    this.#instances.set(key, instance);
    if (actor instanceof Actor) await actor.preStart();
    const started = (isActivated ? find("Activate") : undefined) ?? find("Start");
    await started?.(new Envelope(raw));
    return instance;
  }

  /** The last hooks of an instance, and its state saved. */
  async #stop(
    key: string | null,
    { hook, raw }: { hook: "Deactivate" | "Shutdown"; raw: Raw },
  ): Promise<void> {
    const instance = this.#instances.get(key);
    this.#instances.delete(key);
    if (instance === undefined) return;
    const { actor, find } = instance;
    const isHook = actor instanceof Actor && actor.onStop.length === 0;
    const calls = [
      () => find(hook)?.(new Envelope(raw)),
      () => isHook ? actor.onStop() : undefined,
      () => actor.saveAtEnd(hook === "Deactivate"),
    ];
    for (const call of calls) {
      try {
        await call();
      } catch (error) {
        if (!this.#around.isReal || error instanceof Fatal) throw error;
        this.#hasFailed = true;
        process.stderr.write(`${describe(error)}\n`);
      }
    }
  }

  #ack(raw: Raw): void {
    const id = raw["message_id"];
    if (this.#acknowledges && typeof id === "string") this.put(`{"ack":${JSON.stringify(id)}}`);
  }

  #broke(raw: Raw, error: unknown): void {
    if (error instanceof ActorError && isAnswerable(raw)) {
      const { code, message, details } = error;
      this.#fail(raw, details === undefined ? { code, message } : { code, message, details });
      return this.#ack(raw);
    }
    if (error instanceof Fatal || !this.#around.isReal) {
      this.crash(error);
      return;
    }
    process.stderr.write(`${describe(error)}\n`);
    const body = error instanceof ActorError
      ? { code: error.code, message: error.message }
      : { code: "HANDLER_ERROR", message: String(error) };
    const env = new Envelope(raw);
    if (env.isAsk || isRouted(env) || (!this.#acknowledges && isRecord(raw))) this.#fail(raw, body);
    if (isRouted(env)) return this.#ack(raw);
    const id = raw["message_id"];
    if (this.#acknowledges && typeof id === "string") this.put(encodeError({ nack: id, error: body }));
  }

  /** Tells the sender that its message was not understood, unless that would answer an answer. */
  #refuse(raw: Raw, error: ErrorBody): void {
    const env = new Envelope(raw);
    if (env.isAsk || isRouted(env) || isRecord(raw)) return this.#fail(raw, error);
    const isSilent = env.correlationId !== null || "error" in raw || env.topic !== null ||
      BUILT_IN.has(env.type);
    if (isSilent || env.sender?.startsWith("$") === true) return;
    if (env.sender === null) return tell(error.message);
    const told = { message_type: env.type, reason: error.message, code: error.code, rejected_by: this.#name };
    this.put(line("Reject", told, this.#answerHead(env)));
  }

  /** A failure reply; a message on a route goes to `error-end`. */
  #fail(raw: Raw, error: ErrorBody): void {
    const env = new Envelope(raw);
    if (isRouted(env)) {
      const key = this.isKeyed ? this.keyOf(raw) : null;
      const by = key === null ? "" : `"sender_key":${quote(key)},`;
      const headers = raw["headers"] === undefined ? "" : `"headers":${encode(raw["headers"])},`;
      const head = `${by}"route":${encode(raw["route"])},${headers}"error":${encodeError(error)},`;
      return this.put(line(env.type, raw["message"], head));
    }
    if (env.error !== null || env.messageId === null) return;
    this.put(line("Failure", null, `${this.#answerHead(env)}"error":${encodeError(error)},`));
  }

  #answerHead(env: Envelope): string {
    const key = this.isKeyed ? this.keyOf(env.raw) : null;
    return (env.sender === null ? "" : `"receiver":${quote(env.sender)},`) +
      (key === null ? "" : `"sender_key":${quote(key)},`) +
      (env.messageId === null ? "" : `"correlation_id":${quote(env.messageId)},`);
  }
}

function ignore(): void {}

function isRouted(env: Envelope): boolean {
  return record(env.raw["route"]) !== null && !env.isAsk;
}

/** Nobody has sent it: the engine is told what has become of it. */
function isRecord(raw: Raw): boolean {
  return (raw["sender_actor"] ?? null) === null && !BUILT_IN.has(raw["message_type"]) && isAnswerable(raw);
}

/**
 * False for what answers something itself, for what the engine tells, and where nobody is to be answered: an error
 * there is the actor's own.
 */
function isAnswerable(raw: Raw): boolean {
  const env = new Envelope(raw);
  if (env.isAsk || isRouted(env)) return true;
  const isAnswer = env.error !== null || env.correlationId !== null;
  return !isAnswer && env.messageId !== null && env.sender?.startsWith("$") !== true;
}

/** The place of a reply that an ask has taken: it is acknowledged after what came before it. */
class Answered {
  readonly raw: Raw;

  constructor(raw: Raw) {
    this.raw = raw;
  }
}

// --- the three styles -----------------------------------------------------------------------------------------

function methodName(type: string): string {
  return `on${type.charAt(0).toUpperCase()}${type.slice(1).replaceAll(/[^\p{L}\p{N}_]/gu, "_")}`;
}

function makerOf<Accepts extends object, Emits extends object, State>(
  runnable: Runnable<Accepts, Emits, State>,
): (host: Host) => Omit<Instance, "handlers"> {
  if (typeof runnable === "object") {
    return () => {
      const actor = new Self<Emits, State>();
      const table: Readonly<Record<string, unknown>> = runnable;
      const find = (type: string): Handler | undefined => {
        const own = Object.hasOwn(table, type) ? table[type] : undefined;
        const found = own ?? (BUILT_IN.has(type) ? undefined : table["*"]);
        return typeof found === "function" ? (env) => found(env, actor) : undefined;
      };
      return { actor: actor as unknown as Self, find }; // The host sends nothing in the actor's name.
    };
  }
  if (runnable.prototype instanceof Actor) {
    const make = runnable as new () => Actor<Emits, State>; // Checked on the line above.
    return () => {
      const actor = new make();
      return { actor: actor as unknown as Self, find: (type) => methodOf(actor, type) };
    };
  }
  const loop = runnable as (ctx: Context<Accepts, Emits, State>) => Promise<void>; // Neither table nor class.
  return (host) => {
    const context = new Context<Accepts, Emits, State>(host, loop);
    return { actor: context as unknown as Self, find: (type) => context.handlerOf(type) };
  };
}

function methodOf(actor: object, type: string): Handler | undefined {
  const name = methodName(type);
  const own: unknown = type === "" || name in Actor.prototype ? undefined : Reflect.get(actor, name);
  const stop: unknown = name === "onStop" ? Reflect.get(actor, name) : undefined;
  const isMessage = typeof stop === "function" && stop.length > 0; // With a parameter it is no hook.
  const found = own ?? (isMessage ? stop : undefined) ??
    (BUILT_IN.has(type) ? undefined : Reflect.get(actor, "onReceive"));
  return typeof found === "function" ? (env) => found.call(actor, env) : undefined;
}

/**
 * What a function with a receive loop gets: `for await (const env of ctx)`, or `receive`. A message counts as
 * handled when the next one is received.
 */
export class Context<
  Accepts extends object = AnyMessages,
  Emits extends object = AnyMessages,
  State = unknown,
> extends Self<Emits, State> {
  readonly #host: Host;
  readonly #loop: (ctx: Context<Accepts, Emits, State>) => Promise<void>;
  #done: Promise<void> | null = null;
  #given: { readonly env: Envelope; readonly settle: () => void; isTaken: boolean } | null = null;
  #wake: (() => void) | null = null;
  #hasEnded = false;

  /** @internal */
  constructor(host: Host, loop: (ctx: Context<Accepts, Emits, State>) => Promise<void>) {
    super();
    this.#host = host;
    this.#loop = loop;
  }

  /** Shutdown has come, and everything before it has been received. */
  get shouldTerminate(): boolean {
    return this.#hasEnded && (this.#given === null || this.#given.isTaken);
  }

  /** The next message; null when none comes in time or none will come any more (see `shouldTerminate`). */
  async receive(
    { timeoutMs }: { readonly timeoutMs?: number } = {},
  ): Promise<Envelope<Accepts[TypeOf<Accepts>]> | null> {
    this.#settle();
    let isLate = false;
    const stop = timeoutMs === undefined ? undefined : this.#host.after(timeoutMs, () => {
      isLate = true;
      this.#wake?.();
    });
    while (this.#given === null && !this.#hasEnded && !isLate) {
      await new Promise<void>((settle) => this.#wake = settle);
    }
    stop?.();
    if (this.#given === null) return null;
    this.#given.isTaken = true;
    return this.#given.env as Envelope<Accepts[TypeOf<Accepts>]>; // Which types come is the flow's affair.
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Envelope<Accepts[TypeOf<Accepts>]>, void, void> {
    for (let env = await this.receive(); env !== null; env = await this.receive()) yield env;
  }

  /** @internal How messages get into the loop. */
  handlerOf(type: string): Handler | undefined {
    if (type === "Start") {
      return () => {
        this.#done = this.#loop(this).then(() => {
          if (!this.#hasEnded && !this.#host.isKeyed) this.#host.quit();
          this.#settle();
        });
        this.#done.catch((error: unknown) => this.#host.crash(error));
      };
    }
    if (type === "Shutdown" || type === "Deactivate") {
      return () => {
        this.#hasEnded = true;
        this.#wake?.();
        return this.#done;
      };
    }
    if (BUILT_IN.has(type) && type !== "Timeout" && type !== "Reject") return undefined;
    return (env) =>
      new Promise<void>((settle) => {
        this.#given = { env, settle, isTaken: false };
        this.#wake?.();
      });
  }

  #settle(): void {
    if (this.#given?.isTaken !== true) return;
    this.#given.settle();
    this.#given = null;
  }
}

// --- run ------------------------------------------------------------------------------------------------------

/** Serves an actor until Shutdown or the end of input, then exits the process: 0, or 1 after a fatal error. */
export function run<
  Accepts extends object = AnyMessages,
  Emits extends object = AnyMessages,
  State = unknown,
>(runnable: Runnable<Accepts, Emits, State>): void {
  divertConsole();
  const descriptor = openOutput();
  const host = new Host({
    isReal: true,
    env: process.env,
    now: () => performance.now(),
    write: (text) => writeWhole(descriptor, text),
    after: (ms, call) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
    pause: (isPaused) => {
      if (isPaused) process.stdin.pause();
      else process.stdin.resume();
    },
    end: (code, error) => {
      if (error !== undefined) process.stderr.write(`${describe(error)}\n`);
      process.exit(code);
    },
  }, makerOf(runnable));
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  process.stdin.on("data", (bytes: Uint8Array) => host.arrive(decoder.decode(bytes, { stream: true })));
  process.stdin.on("end", () => host.close());
  process.stdin.on("error", () => host.close()); // A socket whose other side was killed.
  leaveAtExit(host);
}

/** An actor may end its process itself: with 0 it has ended well. */
function leaveAtExit(host: Host): void {
  const onExit = (): void => {
    const deno: unknown = Reflect.get(globalThis, "Deno");
    const code = process.exitCode ?? record(deno)?.["exitCode"] ?? 0;
    if (Number(code) === 0) host.leave();
    else host.flush();
  };
  process.on("exit", onExit);
  // What Deno.exit tells instead.
  const listen: unknown = Reflect.get(globalThis, "addEventListener");
  if (typeof listen === "function") listen.call(globalThis, "unload", onExit);
}

let isDiverted = false;

/** From now on what is printed is no envelope. */
function divertConsole(): void {
  if (isDiverted) return;
  isDiverted = true;
  Object.defineProperty(process, "stdout", { configurable: true, get: () => process.stderr });
  globalThis.console = new Console({ stdout: process.stderr, stderr: process.stderr });
}

// From the import on, so that what the program prints while it loads is no envelope either.
if (process.env["SLUICE_PROTOCOL"] === "messages") divertConsole();

/**
 * A description of stdout of our own: blocking, whatever others do to the shared one. Descriptor 1 becomes stderr,
 * so that what children inherit is no envelope; Deno does not let go of it.
 */
function openOutput(): number {
  try {
    if (!fstatSync(1).isFIFO()) return 1;
    const descriptor = openSync("/proc/self/fd/1", constants.O_WRONLY);
    if (!("Deno" in globalThis)) {
      closeSync(1);
      fill(["/proc/self/fd/2", "/dev/null"]);
    }
    return descriptor;
  } catch {
    return 1; // No /proc, or no permission.
  }
}

/** Opens the first of the files that there is; it takes the lowest free descriptor. */
function fill(files: readonly string[]): void {
  for (const file of files) {
    try {
      openSync(file, constants.O_WRONLY | constants.O_APPEND);
      return;
    } catch {
      continue; // Such as a socket, which cannot be opened.
    }
  }
}

function writeWhole(descriptor: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  let place = 0;
  while (place < bytes.length) {
    try {
      place += writeSync(descriptor, bytes, place);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : "";
      if (code !== "EAGAIN") process.exit(1); // Nobody reads any more.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

// --- unit tests -----------------------------------------------------------------------------------------------

/** What an actor under test is given at its start. */
export interface TestStart {
  /** @default "actor" */
  readonly name?: string;
  readonly key?: string;
  readonly args?: unknown;
  readonly state?: unknown;
}

/** An actor in a unit test, with neither engine nor processes and a clock that only `advance` moves. */
export async function testActor<
  Accepts extends object = AnyMessages,
  Emits extends object = AnyMessages,
  State = unknown,
>(runnable: Runnable<Accepts, Emits, State>, start: TestStart = {}): Promise<ActorTest> {
  const test = new ActorTest(makerOf(runnable), start);
  await test.started;
  return test;
}

/** An actor without an engine; see `testActor`. */
export class ActorTest {
  /** Everything that the actor has sent, but to $timer and $state. */
  readonly sent: Envelope[] = [];
  /** What the actor has saved last. */
  state: unknown;
  /** The ids of the timers that run, with when they are due. */
  readonly timers = new Map<string | number, { readonly due: number; readonly every: number | null }>();
  /** @internal */
  readonly started: Promise<unknown>;
  /** The exit code of the actor, once it has ended. */
  exitCode: number | null = null;
  #now = 0;
  #count = 0;
  #error: unknown;
  #waits: { readonly due: number; readonly call: () => void }[] = [];
  readonly #answers = new Map<string, unknown>();
  readonly #host: Host;
  readonly #name: string;

  constructor(make: (host: Host) => Omit<Instance, "handlers">, start: TestStart) {
    // As a line would bring it: what the actor does to it is not done to what the test has.
    const given: Required<TestStart> = JSON.parse(encode(start));
    const { name = "actor", key = null, args = null, state = null } = given;
    this.#name = name;
    this.state = JSON.parse(encode(state));
    this.#host = new Host({
      isReal: false,
      env: {},
      now: () => this.#now,
      write: (text) => text.trimEnd().split("\n").forEach((line) => this.#take(line)),
      after: (ms, call) => {
        const wait = { due: this.#now + ms, call };
        this.#waits.push(wait);
        return () => this.#waits = this.#waits.filter((each) => each !== wait);
      },
      pause: () => undefined,
      end: (code, error) => {
        this.exitCode = code;
        this.#error = error;
      },
    }, make);
    this.started = this.#give({
      message_type: "Start",
      sender_actor: "$engine",
      message: { name, key, args, state },
    });
  }

  /** How asks of a type are answered: a payload, or a function of the question that gives one or throws an
   * ActorError. An ask that nothing answers is late. */
  answer(type: string, answer: unknown): void {
    this.#answers.set(type, answer);
  }

  /** Gives the actor a message; what it sends until it is done comes back. */
  send(
    type: string,
    message: unknown = {},
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<Envelope[]> {
    this.#count++;
    return this.#give({
      message_type: type,
      receiver: this.#name,
      sender_actor: "tester",
      message_id: `message-${this.#count}`,
      ...more,
      message: JSON.parse(encode(message)),
    });
  }

  /** As send, and gives the payload of the reply; its error is thrown as AskError. */
  async ask(type: string, message: unknown = {}): Promise<unknown> {
    const sent = await this.send(type, message, { headers: { ask: 1000 } });
    const reply = sent.find(({ correlationId }) => correlationId === `message-${this.#count}`);
    if (reply === undefined) throw new Error(`The actor has not replied (it sent ${sent.length} messages)`);
    return answerOf(reply.raw);
  }

  /** Moves the clock; timers due meanwhile fire in their order. Gives what was sent. */
  async advance(ms: number): Promise<Envelope[]> {
    const end = this.#now + ms;
    const place = this.sent.length;
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) {
      this.#now = Math.max(this.#now, next.due);
      await next.call();
      await new Promise((settle) => setTimeout(settle)); // What was waiting goes on.
    }
    this.#now = end;
    return this.sent.slice(place);
  }

  /** The end of the run. */
  shutdown(): Promise<Envelope[]> {
    return this.#give({ message_type: "Shutdown", sender_actor: "$engine", message: {} });
  }

  #due(end: number): { readonly due: number; readonly call: () => unknown } | undefined {
    const fires = [...this.timers].map(([id, timer]) => ({
      due: timer.due,
      call: () => this.#fire(id, timer),
    }));
    const waits = this.#waits.map((wait) => ({
      due: wait.due,
      call: () => {
        this.#waits = this.#waits.filter((each) => each !== wait);
        wait.call();
      },
    }));
    return [...fires, ...waits].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
  }

  #fire(id: string | number, { due, every }: { due: number; every: number | null }): Promise<unknown> {
    if (every === null) this.timers.delete(id);
    else this.timers.set(id, { due: due + every, every });
    return this.#give({ message_type: "Timeout", sender_actor: "$timer", message: { id } });
  }

  async #give(raw: Raw): Promise<Envelope[]> {
    const place = this.sent.length;
    await this.#host.deliver(raw);
    this.#host.flush();
    if (this.#error !== undefined) throw this.#error;
    return this.sent.slice(place);
  }

  #take(line: string): void {
    const env = new Envelope<Raw>(JSON.parse(line));
    if (env.receiver === "$timer") this.#timer(env);
    else if (env.receiver === "$state") {
      if (env.type === "Save") this.state = env.raw["message"];
    } else this.sent.push(env);
    if (env.isAsk) this.#reply(env);
  }

  #timer({ type, msg }: Envelope<Raw>): void {
    const id = typeof msg["id"] === "number" ? msg["id"] : String(msg["id"]);
    if (type === "Cancel") this.timers.delete(id);
    else {
      const every = type === "Every" ? Number(msg["every"]) : null;
      this.timers.set(id, { due: this.#now + (every ?? Number(msg["after"])), every });
    }
  }

  #reply(env: Envelope<Raw>): void {
    const head = { message_type: "Reply", sender_actor: env.receiver, correlation_id: env.messageId };
    const answer = this.#answers.get(env.type);
    let rest: Raw;
    try {
      if (env.receiver === "$state") rest = { message: { state: this.state } };
      else if (answer !== undefined) {
        rest = { message: typeof answer === "function" ? answer(env.msg) : answer };
      } else {
        this.#now += Number(env.headers["ask"]);
        throw new ActorError("TIMEOUT", `No reply of '${env.receiver}'`);
      }
    } catch (error) {
      if (!(error instanceof ActorError)) throw error;
      rest = { error: { code: error.code, message: error.message, details: error.details } };
    }
    queueMicrotask(() => this.#host.answer({ ...head, ...rest }));
  }
}
