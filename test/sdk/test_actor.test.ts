/** Actors in TypeScript are tested without an engine. */
import { expect, test } from "vitest";
import {
  Actor,
  ActorError,
  AskError,
  type Context,
  type Envelope,
  Fatal,
  testActor,
} from "../../actors/typescript/sluice_actor.ts";

interface Emits {
  Beat: { n: number };
  Total: { count: number };
  Question: { text: string };
}

class Counter extends Actor<Emits, { count: number }> {
  override preStart(): void {
    this.state ??= { count: 0 };
  }

  onAdd(env: Envelope<{ n: number }>): void {
    const count = (this.state?.count ?? 0) + env.msg.n;
    if (count < 0) throw new ActorError("NEGATIVE", "below zero", { details: { count } });
    this.save({ count });
    this.reply(env, "Total", { count });
  }

  async onConsult(env: Envelope): Promise<void> {
    const { count } = await this.ask<{ count: number }>("oracle", "Question", { text: "how many" });
    this.reply(env, "Total", { count });
  }

  onBroken(): void {
    throw new TypeError("zut");
  }

  override onStop(): void {
    this.state = { count: 99 };
  }
}

test("testActor() gives what a message makes an actor send", async () => {
  const counter = await testActor(Counter, { state: { count: 40 } });
  const [total, ...more] = await counter.send("Add", { n: 2 });
  expect(more).toEqual([]);
  expect(total?.raw).toEqual({
    message_type: "Total",
    receiver: "tester",
    correlation_id: "message-1",
    message: { count: 42 },
  });
  expect(counter.state).toEqual({ count: 42 });
  await counter.shutdown();
  expect(counter.state).toEqual({ count: 99 });
  expect(counter.exitCode).toBe(0);
});

test("testActor() throws a failure reply at the one who asks, and unexpected errors at the test", async () => {
  const counter = await testActor(Counter);
  const refused = await counter.ask("Add", { n: -1 }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AskError);
  expect(refused).toMatchObject({ code: "NEGATIVE", message: "below zero", details: { count: -1 } });
  await expect(counter.send("Broken")).rejects.toThrow("zut");
});

test("testActor() answers asks from a table; without an answer they are late", async () => {
  const counter = await testActor(Counter);
  await expect(counter.ask("Consult")).rejects.toMatchObject({ code: "TIMEOUT" });
  counter.answer("Question", ({ text }: { text: string }) => ({ count: text.length }));
  expect(await counter.ask("Consult")).toEqual({ count: 8 });
  counter.answer("Question", () => {
    throw new ActorError("BUSY", "later");
  });
  await expect(counter.ask("Consult")).rejects.toMatchObject({ code: "BUSY" });
});

test("advance() fires timers in their order and never what is cancelled", async () => {
  const heart = await testActor<{ Begin: object }, { Beat: { n: number | string } }>({
    Begin: (_, self) => {
      const beat = self.every(100, "beat");
      self.once(250, "end");
      self.once(1000, "never").cancel();
      heartbeat = beat;
    },
    Timeout: (env, self) => {
      self.publish("beats", "Beat", { n: env.msg.id });
      if (env.msg.id === "end") heartbeat?.cancel();
    },
  });
  await heart.send("Begin");
  const beats = await heart.advance(2000);
  expect(beats.map(({ raw }) => raw["message"])).toEqual([{ n: "beat" }, { n: "beat" }, { n: "end" }]);
  expect([...heart.timers]).toEqual([]);
});
let heartbeat: { cancel(): void } | undefined;

test("a receive loop is tested the same way, its timeouts by the clock", async () => {
  const loop = await testActor(async (ctx: Context<{ Add: { n: number } }, Emits>) => {
    let count = 0;
    while (!ctx.shouldTerminate) {
      const env = await ctx.receive({ timeoutMs: 100 });
      if (env === null) ctx.publish("idle", "Beat", { n: count });
      else if (env.msg.n === 0) throw new Fatal("nothing to add");
      else ctx.reply(env, "Total", { count: count += env.msg.n });
    }
  });
  expect(await loop.ask("Add", { n: 2 })).toEqual({ count: 2 });
  expect(await loop.ask("Add", { n: 3 })).toEqual({ count: 5 });
  expect((await loop.advance(250)).map(({ raw }) => raw["message"])).toEqual([{ n: 5 }, { n: 5 }]);
  await expect(loop.send("Add", { n: 0 })).rejects.toThrow("nothing to add");
});

class Keyed extends Actor<Record<string, unknown>, { count: number }> {
  onStart(): void {
    this.send("log", "Began", { started: this.key });
  }

  onActivate(): void {
    this.send("log", "Began", { activated: this.key });
  }

  onChange(env: Envelope<{ list: number[] }>): void {
    if (this.state !== null) this.state.count++;
    env.msg.list.push(2);
  }

  onSeen(env: Envelope): void {
    this.reply(env, "Seen", { id: env.messageId, priority: env.priority });
  }

  onLater(): void {
    this.once(1000);
  }

  onTimeout(): void {
    throw new ActorError("LATE", "too late");
  }

  onEnough(): void {
    this.finish("enough");
  }
}

test("testActor() activates an instance, and leaves what it is given as it is", async () => {
  const [state, payload] = [{ count: 1 }, { list: [1] }];
  const ann = await testActor(Keyed, { key: "ann", state });
  expect(ann.sent.map(({ msg }) => msg)).toEqual([{ activated: "ann" }]);
  expect((await testActor(Keyed)).sent.map(({ msg }) => msg)).toEqual([{ started: null }]);
  await ann.send("Change", payload);
  expect([state, payload, ann.state]).toEqual([{ count: 1 }, { list: [1] }, { count: 1 }]);
  await ann.shutdown();
  expect(ann.state).toEqual({ count: 2 });
});

test("testActor() gives a message its identity and priority, and the test the actor's own errors", async () => {
  const one = await testActor(Keyed);
  const [seen] = await one.send("Seen", {}, { message_id: "own", priority: 7 });
  expect([seen?.msg, seen?.correlationId]).toEqual([{ id: "own", priority: 7 }, "own"]);
  const [over] = await one.send("Enough");
  expect([over?.receiver, over?.type, over?.msg]).toEqual(["$flow", "Finish", { reason: "enough" }]);
  await one.send("Later");
  await expect(one.advance(1000)).rejects.toThrow("too late");
});

test("a receive loop ends with Shutdown", async () => {
  const loop = await testActor(async (ctx: Context<{ Add: { n: number } }, Emits>) => {
    for await (const env of ctx) ctx.reply(env, "Total", { count: env.msg.n });
    ctx.send("log", "Total", { count: -1 });
  });
  expect(await loop.ask("Add", { n: 2 })).toEqual({ count: 2 });
  expect((await loop.shutdown()).map(({ receiver }) => receiver)).toEqual(["log"]);
  expect(loop.exitCode).toBe(0);
});

test("what JSON would write as something else is refused by its place, and nothing of it is sent", async () => {
  const wrong: readonly (readonly [value: unknown, message: string])[] = [
    [NaN, "Cannot write NaN as JSON: it has no such number"],
    [{ a: [1, { b: -Infinity }] }, 'Cannot write -Infinity at "a.1.b" as JSON: it has no such number'],
    [new Map([[1, 2]]), "Cannot write a Map as JSON (write Object.fromEntries(map), or [...map])"],
    [{ seen: new Set([1]) }, 'Cannot write a Set at "seen" as JSON (write [...set])'],
    [[Promise.resolve(1)], 'Cannot write a Promise at "0" as JSON (await it)'],
  ];
  const refused: string[] = [];
  const attempt = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      refused.push(`${error}`);
    }
  };
  const actor = await testActor<
    { Go: object; Fail: object },
    { Sent: unknown; Told: unknown; Done: unknown }
  >({
    Go: (env, self) => {
      for (const [value] of wrong) {
        attempt(() => self.emit(value));
        attempt(() => self.send("b", "Sent", value));
        attempt(() => self.reply(env, "Told", value));
        attempt(() => self.save(value));
      }
      self.reply(env, "Done", {
        nothing: null,
        empty: {},
        undefined,
        at: new Date(0),
        own: { toJSON: () => 1 },
      });
    },
    Fail: () => {
      throw new ActorError("BAD", "no", { details: { got: NaN } });
    },
  });
  const sent = await actor.send("Go", {});
  expect(refused).toEqual(wrong.flatMap(([, message]) => new Array(4).fill(`TypeError: ${message}`)));
  expect(sent.map(({ raw }) => raw["message"])).toEqual([
    { nothing: null, empty: {}, at: "1970-01-01T00:00:00.000Z", own: 1 },
  ]);
  expect((await actor.send("Fail", {})).map(({ error }) => error)).toEqual([
    { code: "BAD", message: "no", details: { got: null } },
  ]);
});
