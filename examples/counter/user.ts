/** Adds, kills the counter, and adds again. */
import { AskError, run } from "../../actors/typescript/sluice_actor.ts";

function ignoreCrash(error: unknown): null {
  if (error instanceof AskError) return null;
  throw error;
}

interface Emits {
  Add: { n: number };
  Crash: object;
}

run<object, Emits>({
  Start: async (_, self) => {
    const add = (n: number) =>
      self.ask<{ count: number; process: number }>("counter", "Add", { n }, { timeoutMs: 20_000 });
    await add(40);
    const before = await add(1);
    self.emit({ count: before.count });
    // Asked, not sent: who asks is told that it was lost, and so nothing is lost without a word.
    await self.ask("counter", "Crash", {}, { timeoutMs: 20_000 }).catch(ignoreCrash);
    let after = await add(1).catch(ignoreCrash);
    while (after === null) after = await add(1).catch(ignoreCrash); // It has ended before it answered.
    self.emit({ count: after.count, isAnotherProcess: after.process !== before.process });
  },
});
