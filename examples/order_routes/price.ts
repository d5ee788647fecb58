/** Adds the price; an order beyond 100 takes a way that triage did not know of. */
import { ActorError, run } from "../../actors/typescript/sluice_actor.ts";

const PRICES = new Map([["mug", 8], ["lamp", 40], ["sofa", 900]]);

run<{ Order: { item: string; count: number } }>({
  Order: (env, self) => {
    const { item, count } = env.msg;
    const each = PRICES.get(item);
    if (each === undefined) throw new ActorError("NO_PRICE", `Nobody knows what a ${item} is worth`);
    const price = each * count;
    self.forward(env, { ...env.msg, price }, { then: price > 100 ? ["discount"] : [] });
  },
});
