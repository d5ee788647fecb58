/** The conformance actor in TypeScript: what each message has to do is in docs/sdk.md. */
import {
  Actor,
  ActorError,
  AskError,
  type Envelope,
  Fatal,
  run,
  type Timer,
} from "../../../actors/typescript/sluice_actor.ts";

class Conformance extends Actor<Record<string, unknown>, Record<string, unknown>> {
  readonly timers = new Map<string | number, Timer>();

  onStart(): void {
    const args = this.args;
    if (typeof args === "object" && args !== null && "greet" in args) {
      this.send(String(args.greet), "Started", { name: this.name, key: this.key });
    }
  }

  onActivate(): void {
    this.onStart();
    const args = this.args;
    if (typeof args === "object" && args !== null && "woken" in args) {
      this.send(String(args.woken), "Woken", { key: this.key });
    }
  }

  onPing(env: Envelope<{ n?: unknown }>): void {
    this.reply(env, "Pong", { n: env.msg.n ?? null });
  }

  onWho(env: Envelope): void {
    this.reply(env, "Me", { name: this.name, key: this.key, args: this.args, state: this.state });
  }

  onEcho(env: Envelope): void {
    this.reply(env, "Echo", env.raw["message"]);
  }

  onSay(env: Envelope<{ topic: string; text: string }>): void {
    this.publish(env.msg.topic, "Said", { text: env.msg.text });
  }

  onTell(env: Envelope<{ to: string; text: string }>): void {
    this.send(env.msg.to, "Told", { text: env.msg.text });
  }

  onPass(env: Envelope<{ then?: string[] }>): void {
    this.forward(env, env.msg, { then: env.msg.then ?? [] });
  }

  onEmit(env: Envelope): void {
    this.emit(env.raw["message"]);
  }

  async onAsk(env: Envelope<{ to: string; text: string; timeout: number }>): Promise<void> {
    const { to, text, timeout: timeoutMs } = env.msg;
    try {
      this.reply(env, "Answer", { reply: await this.ask(to, "Question", { text }, { timeoutMs }) });
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
      this.reply(env, "Answer", { code: error.code });
    }
  }

  onSetOnce(env: Envelope<{ id: string; after: number }>): void {
    this.timers.set(env.msg.id, this.once(env.msg.after, env.msg.id));
  }

  onSetEvery(env: Envelope<{ id: string; every: number }>): void {
    this.timers.set(env.msg.id, this.every(env.msg.every, env.msg.id));
  }

  onUnset(env: Envelope<{ id: string }>): void {
    this.timers.get(env.msg.id)?.cancel();
  }

  onTimeout(env: Envelope<{ id: string }>): void {
    if (env.msg.id === "fail") throw new ActorError("NO_FUNDS", "too late");
    this.send("tester", "Ticked", { id: env.msg.id });
  }

  onAdd(env: Envelope<{ n: number }>): void {
    const count = Number(this.state?.["count"] ?? 0) + env.msg.n;
    this.save({ count });
    this.reply(env, "Total", { count });
  }

  onNote(env: Envelope<{ text: string }>): void {
    this.state = { note: env.msg.text };
  }

  async onLoad(env: Envelope): Promise<void> {
    this.reply(env, "Loaded", { state: await this.load() });
  }

  onFail(env: Envelope<{ how: string; text: string }>): void {
    const { how, text } = env.msg;
    if (how === "business") throw new ActorError("NO_FUNDS", text, { details: { balance: 3 } });
    throw how === "fatal" ? new Fatal(text) : new Error(text);
  }

  onFinish(env: Envelope<{ reason?: string }>): void {
    this.finish(env.msg.reason);
  }

  onExit(env: Envelope<{ code: number }>): void {
    this.reply(env, "Bye", {});
    process.exit(env.msg.code);
  }

  onCrowd(env: Envelope<{ to: string; after: number; many: number; count: number; pad: string }>): void {
    const { to, after, many, count, pad } = env.msg;
    this.reply(env, "Begun", {});
    for (let n = 0; n < many * count; n++) setTimeout(() => this.send(to, "Item", { n, pad }), after);
  }

  onPrint(env: Envelope<{ text: string }>): void {
    console.log(env.msg.text);
    this.reply(env, "Printed", {});
  }

  onMany(env: Envelope<{ count: number }>): void {
    for (let n = 0; n < env.msg.count; n++) this.send(env.sender ?? "", "Item", { n });
    this.reply(env, "Done", {});
  }
}

run(Conformance);
