/** One account. Instances are made by the first message for their key, and saved when they have nothing to do. */
import { Actor, ActorError, type Envelope, run } from "../../actors/typescript/sluice_actor.ts";

interface Emits {
  Balance: { account: string | null; balance: number };
}

class Account extends Actor<Emits, { balance: number }> {
  onDeposit(env: Envelope<{ amount: number }>): void {
    this.#set(env, this.#balance + env.msg.amount);
  }

  onWithdraw(env: Envelope<{ amount: number }>): void {
    const left = this.#balance - env.msg.amount;
    if (left < 0) {
      throw new ActorError("NO_FUNDS", `${-left} short`, { details: { balance: this.#balance } });
    }
    this.#set(env, left);
  }

  get #balance(): number {
    return this.state?.balance ?? 0;
  }

  #set(env: Envelope, balance: number): void {
    this.save({ balance });
    this.reply(env, "Balance", { account: this.key, balance });
  }
}

run(Account);
