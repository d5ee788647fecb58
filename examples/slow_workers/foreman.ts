/** Gives each line to a free worker; at the end tells whether several of them have worked. */
import { run } from "../../actors/typescript/sluice_actor.ts";

const workers = new Set<number>();
let open = 0;

interface Accepts {
  Job: string;
  Done: { word: string; length: number; worker: number };
}

run<Accepts>({
  Job: (env, self) => {
    open++;
    self.send("worker", "Measure", { word: env.msg });
  },
  Done: (env, self) => {
    const { word, length, worker } = env.msg;
    workers.add(worker);
    self.emit(`${word} ${length}`);
    open--;
  },
  Shutdown: (_, self) => self.emit(`~ open: ${open}, several workers: ${workers.size > 1}`),
});
