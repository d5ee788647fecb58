/** Answers each Ping. */
import { run } from "../../actors/typescript/sluice_actor.ts";

run<{ Ping: { count: number } }, { Pong: { count: number } }>({
  Ping: (env, self) => self.reply(env, "Pong", { count: env.msg.count }),
});
