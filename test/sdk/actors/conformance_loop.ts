/** The conformance actor as a receive loop in TypeScript: the parts that a loop can do. */
import process from "node:process";
import {
  AskError,
  type Context,
  type Envelope,
  run,
  type Timer,
} from "../../../actors/typescript/sluice_actor.ts";

type Fields = Readonly<Record<string, string>>;
type Loop = Context<Record<string, Fields>, Record<string, unknown>>;

const timers = new Map<string, Timer>();

run(async (ctx: Loop) => {
  const { args } = ctx;
  if (typeof args === "object" && args !== null && "greet" in args) {
    ctx.send(String(args.greet), "Started", { name: ctx.name, key: ctx.key });
  }
  for await (const env of ctx) await handle(ctx, env);
});

async function handle(ctx: Loop, env: Envelope<Fields>): Promise<void> {
  const { n = null, text = "", to = "", topic = "", id = "" } = env.msg;
  switch (env.type) {
    case "Ping":
      return ctx.reply(env, "Pong", { n });
    case "Who":
      return ctx.reply(env, "Me", { name: ctx.name, key: ctx.key, args: ctx.args, state: ctx.state });
    case "Echo":
      return ctx.reply(env, "Echo", env.raw["message"]);
    case "Say":
      return ctx.publish(topic, "Said", { text });
    case "Tell":
      return ctx.send(to, "Told", { text });
    case "Emit":
      return ctx.emit(env.raw["message"]);
    case "Ask":
      return ctx.reply(env, "Answer", await question(ctx, env));
    case "SetOnce":
      return void timers.set(id, ctx.once(Number(env.msg["after"]), id));
    case "SetEvery":
      return void timers.set(id, ctx.every(Number(env.msg["every"]), id));
    case "Unset":
      return timers.get(id)?.cancel();
    case "Timeout":
      return ctx.send("tester", "Ticked", { id });
    case "Finish":
      return ctx.finish(env.msg["reason"]);
    case "Exit":
      ctx.reply(env, "Bye", {});
      return process.exit(Number(env.msg["code"]));
    case "Crowd":
      ctx.reply(env, "Begun", {});
      for (let each = 0; each < Number(env.msg["many"]) * Number(env.msg["count"]); each++) {
        const item = { n: each, pad: env.msg["pad"] };
        setTimeout(() => ctx.send(to, "Item", item), Number(env.msg["after"]));
      }
      return;
    case "Print":
      console.log(text);
      return ctx.reply(env, "Printed", {});
    case "Many":
      for (let each = 0; each < Number(env.msg["count"]); each++) {
        ctx.send(env.sender ?? "", "Item", { n: each });
      }
      return ctx.reply(env, "Done", {});
  }
}

async function question(
  ctx: Loop,
  { msg: { to = "", text = "", timeout } }: Envelope<Fields>,
): Promise<object> {
  try {
    return { reply: await ctx.ask(to, "Question", { text }, { timeoutMs: Number(timeout) }) };
  } catch (error) {
    if (!(error instanceof AskError)) throw error;
    return { code: error.code };
  }
}
