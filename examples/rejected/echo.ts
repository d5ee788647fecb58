/** Gives a Text back. */
import { run } from "../../actors/typescript/sluice_actor.ts";

run<{ Text: { text: string } }>({
  Text: (env, self) => self.reply(env, "Text", env.msg),
});
