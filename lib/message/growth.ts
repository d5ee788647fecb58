/**
 * `$spawn`: actors that make the running graph grow.
 *
 *   Spawn  ─▶ the run checks the definition and answers ─▶ a message actor, a process of bytes, or a value
 *   Depend ─▶ an actor gets the records of another one: of a message actor, of a spawned process, of all behind an alias
 *   Alias  ─▶ another name, for one more;   Detach ─▶ who depends on it now sees no more of what is added
 *   Stop   ─▶ an actor is told to end, and takes no more
 *
 * These are the first seed's operations on a graph, on processes and messages.
 */
import { asObject } from "./as_object.ts";
import type { Delivery } from "./delivery.ts";
import type { Directory } from "./directory.ts";
import type { Mail } from "./mail.ts";
import type { ActorSetup, MessageActor } from "./message_actor.ts";
import type { MessageReport } from "./message_report.ts";
import type { Reply } from "./system_actors.ts";

/** What the run has made of a definition. */
export type Spawned =
  | { readonly kind: "messages"; readonly setup: ActorSetup; readonly depends: readonly string[] }
  /** A process whose standard output is the pipe `fd`. */
  | { readonly kind: "bytes"; readonly fd: number }
  /** Its records, as JSON. */
  | { readonly kind: "value"; readonly records: readonly string[] };

export interface GrowthContext {
  readonly delivery: Delivery;
  readonly directory: Directory;
  readonly tell: (report: MessageReport) => void;
  readonly reply: (mail: Mail, reply: Reply) => void;
  /** Makes a message actor, and starts it if it is not left to its first message. */
  readonly addActor: (setup: ActorSetup) => void;
  /** Tells the processes of an actor to end; what waits for it is rejected. */
  readonly stopActor: (actor: MessageActor, reason: string) => void;
  /** Begins to read the output of a process for an actor; `add` gives it to one more. */
  readonly openFeed: (fd: number, actor: MessageActor) => { readonly add: (actor: MessageActor) => void };
  /** Puts a record into the mailbox of an actor. */
  readonly give: (actor: MessageActor, payload: Uint8Array) => void;
  /** Nobody reads a pipe. */
  readonly closePipe: (fd: number) => void;
}

/** A spawned process or value, as others depend on it. */
interface Source {
  readonly records: readonly string[];
  readonly fd: number | undefined;
  feed: { readonly add: (actor: MessageActor) => void } | undefined;
  readonly dependents: Set<MessageActor>;
  /** How it has ended, and whether all of its records were read. */
  end: { readonly state: "done" | "failed"; readonly exit_code: number | null } | undefined;
  isRead: boolean;
}

export class Growth {
  readonly #context: GrowthContext;
  /** Messages to which the run has still to answer. */
  readonly #pending = new Map<number, { readonly mail: Mail; readonly name: string }>();
  readonly #sources = new Map<string, Source>();
  /** Who gets the records of a message actor, and of everything behind an alias. */
  readonly #dependents = new Map<string, Set<MessageActor>>();
  readonly #onAlias = new Map<string, Set<MessageActor>>();
  #requests = 0;
  #detached = 0;

  constructor(context: GrowthContext) {
    this.#context = context;
  }

  /** True while the run has something to answer, or a process of bytes that somebody depends on lives. */
  get isBusy(): boolean {
    if (this.#pending.size > 0) return true;
    return [...this.#sources.values()].some(({ feed, end }) => feed !== undefined && end === undefined);
  }

  /** False when it knows no such message. */
  handle(mail: Mail, payload: string): boolean {
    const message = asObject(JSON.parse(payload));
    switch (mail.type) {
      case "Spawn":
        this.#spawn(mail, message);
        return true;
      case "Stop":
        this.#stop(mail, textOf(message["name"]));
        return true;
      case "Depend":
        this.#depend(mail, message);
        return true;
      case "Alias":
        this.#alias(mail, message);
        return true;
      case "Detach":
        this.#detach(mail, textOf(message["alias"]));
        return true;
      default:
        return false;
    }
  }

  #spawn(mail: Mail, { name: wanted, actor }: Readonly<Record<string, unknown>>): void {
    const name = textOf(wanted);
    if (this.#isThere(name)) return this.#refuse(mail, "EXISTS", `Actor '${name}' is there already`);
    if ([...this.#pending.values()].some((other) => other.name === name)) {
      return this.#refuse(mail, "EXISTS", `Actor '${name}' is being spawned already`);
    }
    const request = this.#requests++;
    this.#pending.set(request, { mail, name });
    this.#context.tell({ type: "spawn", request, by: mail.sender, name, definition: actor ?? null });
  }

  /** True for a name that somebody has. One that was stopped is free again. */
  #isThere(name: string): boolean {
    const { directory } = this.#context;
    const actor = directory.actors.get(name);
    if (actor !== undefined) {
      return actor.failed === undefined || actor.cells.some(({ active }) => active.length > 0);
    }
    return directory.aliases.has(name) ||
      this.#sources.get(name)?.end === undefined && this.#sources.has(name);
  }

  /** The run answers: here it is, or why it is not. */
  answer(request: number, answer: Spawned | { readonly kind: "refused"; readonly message: string }): void {
    const known = this.#pending.get(request);
    this.#pending.delete(request);
    if (known === undefined) return;
    const { mail, name } = known;
    if (answer.kind === "refused") return this.#refuse(mail, "BAD_ACTOR", answer.message);
    if (answer.kind === "messages") {
      const missing = answer.depends.find((on) => !this.#canDependOn(on));
      if (missing !== undefined) return this.#refuse(mail, "NO_ACTOR", `Actor '${missing}' not found`);
      this.#context.addActor(answer.setup);
      this.#context.directory.forget();
      const actor = this.#context.directory.actors.get(name);
      for (const on of actor === undefined ? [] : answer.depends) {
        if (actor !== undefined) this.#connect(actor, on);
      }
    } else {
      this.#sources.set(name, {
        records: answer.kind === "value" ? answer.records : [],
        fd: answer.kind === "bytes" ? answer.fd : undefined,
        feed: undefined,
        dependents: new Set(),
        end: answer.kind === "value" ? { state: "done", exit_code: null } : undefined,
        isRead: answer.kind === "value",
      });
    }
    this.#ok(mail, { name });
  }

  #stop(mail: Mail, name: string): void {
    const actor = this.#context.directory.actors.get(name);
    if (actor !== undefined) {
      this.#context.stopActor(actor, `Actor '${name}' was stopped`);
      this.#dependents.delete(name);
    } else if (this.#sources.has(name)) this.#context.tell({ type: "stop-spawned", name });
    else return this.#refuse(mail, "NO_ACTOR", `Actor '${name}' not found`);
    this.#ok(mail, { name });
  }

  /** Without `actor`, the one that asks. */
  #depend(mail: Mail, { actor: wanted, on: source }: Readonly<Record<string, unknown>>): void {
    const { directory } = this.#context;
    const own = mail.sender.split("/")[0] ?? "";
    const name = wanted === undefined ? own : textOf(wanted);
    const on = textOf(source);
    const actor = directory.actors.get(name);
    if (actor === undefined) return this.#refuse(mail, "NO_ACTOR", `Actor '${name}' not found`);
    if (!this.#canDependOn(on)) return this.#refuse(mail, "NO_ACTOR", `Actor '${on}' not found`);
    this.#connect(actor, on);
    this.#ok(mail, { actor: name, on });
  }

  #canDependOn(name: string): boolean {
    const { directory } = this.#context;
    return directory.actors.has(name) || this.#sources.has(name) || directory.aliases.has(name);
  }

  #connect(actor: MessageActor, on: string): void {
    const { directory } = this.#context;
    const targets = directory.aliases.get(on);
    if (targets !== undefined) {
      put(this.#onAlias, on, actor);
      for (const target of targets) this.#connect(actor, target);
      return;
    }
    const source = this.#sources.get(on);
    if (source === undefined) return put(this.#dependents, on, actor);
    if (source.dependents.has(actor)) return;
    source.dependents.add(actor);
    if (source.fd !== undefined && source.feed === undefined) {
      source.feed = this.#context.openFeed(source.fd, actor);
    } else source.feed?.add(actor);
    const encoder = new TextEncoder();
    for (const record of source.records) this.#context.give(actor, encoder.encode(record));
    if (source.end !== undefined && source.isRead) this.#tellEnd(actor, { name: on, ...source.end });
  }

  #alias(mail: Mail, { name: wanted, to: target }: Readonly<Record<string, unknown>>): void {
    const { directory } = this.#context;
    const [name, to] = [textOf(wanted), textOf(target)];
    if (name === "") return this.#refuse(mail, "BAD_ALIAS", "An alias needs a name");
    if (directory.actors.has(name) || this.#sources.has(name)) {
      return this.#refuse(mail, "EXISTS", `Actor '${name}' is there already`);
    }
    if (!this.#canDependOn(to)) return this.#refuse(mail, "NO_ACTOR", `Actor '${to}' not found`);
    // An alias of an alias stands for what that stands for now.
    const added = directory.aliases.get(to) ?? [to];
    directory.aliases.set(name, [...new Set([...directory.aliases.get(name) ?? [], ...added])]);
    this.#context.directory.forget();
    for (const actor of this.#onAlias.get(name) ?? []) for (const each of added) this.#connect(actor, each);
    this.#ok(mail, { name, to });
  }

  #detach(mail: Mail, alias: string): void {
    const { directory } = this.#context;
    const targets = directory.aliases.get(alias);
    if (targets === undefined) return this.#refuse(mail, "NO_ALIAS", `Alias '${alias}' not found`);
    const name = `defunc.${++this.#detached}.${alias}`;
    directory.aliases.set(name, [...targets]);
    const dependents = this.#onAlias.get(alias);
    this.#onAlias.delete(alias);
    if (dependents !== undefined) this.#onAlias.set(name, dependents);
    this.#ok(mail, { alias, name });
  }

  /** Who gets the records of a message actor, besides the readers of its stream. */
  dependentsOf(actor: string): Iterable<MessageActor> {
    return this.#dependents.get(actor) ?? [];
  }

  /** All that a process has written was read. */
  noteRead(fd: number): void {
    for (const [name, source] of this.#sources) {
      if (source.fd !== fd || source.isRead) continue; // A number may be had again.
      source.isRead = true;
      this.#tellEnds(name, source);
    }
  }

  /** A process of bytes has ended. */
  noteEnded(name: string, end: { readonly isFailure: boolean; readonly code: number | undefined }): void {
    const source = this.#sources.get(name);
    if (source === undefined) return;
    source.end = { state: end.isFailure ? "failed" : "done", exit_code: end.code ?? null };
    this.#tellEnds(name, source);
  }

  #tellEnds(name: string, { end, isRead, dependents }: Source): void {
    if (end === undefined || !isRead) return;
    for (const actor of dependents) this.#tellEnd(actor, { name, ...end });
  }

  #tellEnd(actor: MessageActor, message: unknown): void {
    const { target } = actor;
    if (target.kind !== "cell") return; // Which of its instances would be meant?
    this.#context.delivery.send(target.cell, { type: "Ended", sender: "$spawn", message });
  }

  /** Lets go of what nobody has read. */
  close(): void {
    for (const { fd, feed } of this.#sources.values()) {
      if (fd !== undefined && feed === undefined) this.#context.closePipe(fd);
    }
    this.#sources.clear();
  }

  #ok(mail: Mail, more: object): void {
    this.#context.reply(mail, { from: "$spawn", type: "Ok", message: { ok: true, ...more } });
  }

  #refuse(mail: Mail, code: string, message: string): void {
    this.#context.reply(mail, { from: "$spawn", type: "Failure", message: null, error: { code, message } });
  }
}

function put(map: Map<string, Set<MessageActor>>, name: string, actor: MessageActor): void {
  const known = map.get(name) ?? new Set();
  map.set(name, known.add(actor));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
