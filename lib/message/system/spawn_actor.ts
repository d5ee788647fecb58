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
import { asObject } from "../wire/as_object.ts";
import type { Directory } from "../actors/directory.ts";
import type { Feed } from "../actors/feed.ts";
import type { GrownSource, GrownSourcesContext } from "./grown_sources.ts";
import { GrownSources } from "./grown_sources.ts";
import type { LinkIn } from "../link/link.ts";
import type { Mail } from "../mail/mail.ts";
import type { DeadCode } from "../mail/message_report.ts";
import { refuse } from "./refuse.ts";
import type { ActorSetup, MessageActor } from "../actors/message_actor.ts";

/** What the run has made of a definition, or why it has not. */
export type SpawnAnswer<Output = LinkIn> =
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "messages"; readonly setup: ActorSetup; readonly depends: readonly string[] }
  | GrownSource<Output>;

export interface SpawnContext extends GrownSourcesContext {
  readonly directory: Directory;
  /** Makes a message actor, and starts it if it is not left to its first message. */
  readonly addActor: (setup: ActorSetup) => void;
  /** Tells the processes of an actor to end; what waits for it is rejected. */
  readonly stopActor: (actor: MessageActor, reason: string) => void;
}

const KINDS: ReadonlySet<string> = new Set(["Spawn", "Stop", "Depend", "Alias", "Detach"]);

export class SpawnActor {
  readonly #context: SpawnContext;
  /** The message to which the run has still to answer, and those that came after it. */
  #pending: { readonly request: number; readonly mail: Mail; readonly name: string } | undefined;
  readonly #waiting: { readonly mail: Mail; readonly payload: string }[] = [];
  readonly #sources: GrownSources;
  /** Who gets the records of a message actor, and of everything behind an alias. */
  readonly #dependents = new Map<string, Set<MessageActor>>();
  readonly #onAlias = new Map<string, Set<MessageActor>>();
  #requests = 0;
  #detached = 0;

  constructor(context: SpawnContext) {
    this.#context = context;
    this.#sources = new GrownSources(context);
  }

  /** True while the run has something to answer, or a process of bytes that somebody depends on lives. */
  get isBusy(): boolean {
    return this.#pending !== undefined || this.#sources.isBusy;
  }

  /** False when it knows no such message. One is done after the other, for it may name what that has made. */
  handle(mail: Mail, payload: string): boolean {
    if (!KINDS.has(mail.type)) return false;
    this.#waiting.push({ mail, payload });
    this.#goOn();
    return true;
  }

  #goOn(): void {
    while (this.#pending === undefined) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#do(next.mail, asObject(JSON.parse(next.payload)));
    }
  }

  #do(mail: Mail, message: Readonly<Record<string, unknown>>): void {
    switch (mail.type) {
      case "Spawn":
        return this.#spawn(mail, message);
      case "Stop":
        return this.#stop(mail, readName(message["name"]));
      case "Depend":
        return this.#depend(mail, message);
      case "Alias":
        return this.#alias(mail, message);
      case "Detach":
        return this.#detach(mail, readName(message["alias"]));
    }
  }

  #spawn(mail: Mail, { name: wanted, actor }: Readonly<Record<string, unknown>>): void {
    const name = readName(wanted);
    if (this.#isThere(name)) return this.#refuse(mail, "EXISTS", `Actor '${name}' is there already`);
    const request = this.#requests++;
    this.#pending = { request, mail, name };
    this.#context.tell({
      type: "spawn",
      request,
      by: mail.sender,
      name,
      definition: this.#withoutAliases(actor ?? null),
    });
  }

  /** The run knows no aliases that were made by messages: a process reads what they stand for now. */
  #withoutAliases(definition: unknown): unknown {
    const actor = asObject(definition);
    const { aliases, actors } = this.#context.directory;
    if (!("in" in actor) || "protocol" in actor) return definition;
    const names: readonly unknown[] = Array.isArray(actor["in"]) ? actor["in"] : [actor["in"]];
    const read = names.flatMap((name) =>
      typeof name === "string" && !actors.has(name) ? aliases.get(name) ?? name : name
    );
    return { ...actor, in: read };
  }

  /** True for a name that somebody has. One that was stopped is free again. */
  #isThere(name: string): boolean {
    const { directory } = this.#context;
    const actor = directory.actors.get(name);
    if (actor !== undefined) {
      return actor.failed === undefined || actor.cells.some(({ active }) => active.length > 0);
    }
    return directory.aliases.has(name) || this.#sources.isLive(name);
  }

  /** The run answers: here it is, or why it is not. */
  answer(request: number, answer: SpawnAnswer): void {
    if (this.#pending?.request !== request) return;
    const { mail, name } = this.#pending;
    this.#pending = undefined;
    this.#made(answer, { mail, name });
    this.#goOn();
  }

  #made(answer: SpawnAnswer, { mail, name }: { readonly mail: Mail; readonly name: string }): void {
    if (answer.kind === "refused") return this.#refuse(mail, "BAD_ACTOR", answer.message);
    if (answer.kind === "messages") {
      const problem = answer.depends.map((on) => this.#whyNotOn(on)).find((why) => why !== undefined);
      if (problem !== undefined) return this.#refuse(mail, ...problem);
      this.#context.addActor(answer.setup);
      this.#context.directory.forget();
      const actor = this.#context.directory.actors.get(name);
      for (const on of actor === undefined ? [] : answer.depends) {
        if (actor !== undefined) this.#connect(actor, on);
      }
    } else {
      this.#sources.add(name, answer);
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
    const name = wanted === undefined ? own : readName(wanted);
    const on = readName(source);
    const actor = directory.actors.get(name);
    if (actor === undefined) return this.#refuse(mail, "NO_ACTOR", `Actor '${name}' not found`);
    const problem = this.#whyNotOn(on);
    if (problem !== undefined) return this.#refuse(mail, ...problem);
    this.#connect(actor, on);
    this.#ok(mail, { actor: name, on });
  }

  /** Why nobody can depend on something: the code and the text of it. */
  #whyNotOn(name: string): readonly [code: DeadCode, message: string] | undefined {
    if (!this.#canDependOn(name)) return ["NO_ACTOR", `Actor '${name}' not found`];
    for (const target of this.#context.directory.aliases.get(name) ?? [name]) {
      if (!this.#sources.isTaken(target)) continue;
      return [
        "TAKEN",
        `A process reads '${target}' already ("keep": true in its definition is for several readers)`,
      ];
    }
    return undefined;
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
    if (this.#sources.has(on)) this.#sources.connect(on, actor);
    else put(this.#dependents, on, actor);
  }

  #alias(mail: Mail, { name: wanted, to: target }: Readonly<Record<string, unknown>>): void {
    const { directory } = this.#context;
    const [name, to] = [readName(wanted), readName(target)];
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
  noteRead(feed: Feed): void {
    this.#sources.noteRead(feed);
  }

  /** A process of bytes has ended. */
  noteEnded(
    name: string,
    { end, code }: { readonly end: "done" | "failed" | "stopped"; readonly code: number | undefined },
  ): void {
    this.#sources.noteEnded(name, { state: end, exit_code: code ?? null });
  }

  /** Lets go of what nobody has read. */
  close(): void {
    this.#sources.close();
  }

  #ok(mail: Mail, more: object): void {
    this.#context.delivery.outbox.reply(mail, { from: "$spawn", type: "Ok", message: { ok: true, ...more } });
  }

  #refuse(mail: Mail, code: DeadCode, message: string): void {
    refuse(this.#context.delivery, mail, { from: "$spawn", code, message });
  }
}

function put(map: Map<string, Set<MessageActor>>, name: string, actor: MessageActor): void {
  const known = map.get(name) ?? new Set();
  map.set(name, known.add(actor));
}

function readName(value: unknown): string {
  return typeof value === "string" ? value : "";
}
