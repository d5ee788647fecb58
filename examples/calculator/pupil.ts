/** Asks the calculator and writes down the answer, or the code of the error. */
import { AskError, run } from "../../actors/typescript/sluice_actor.ts";

interface Request {
  a: number;
  b: number;
  operation?: string;
}

run<{ Sum: Request }, { CalculateRequest: Request }>({
  Sum: async (env, self) => {
    try {
      const { result } = await self.ask<{ result: number }>("calculator", "CalculateRequest", env.msg);
      self.emit(result);
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
      self.emit(`${error.code}: ${error.message}`);
    }
  },
});
