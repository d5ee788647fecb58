// Ten lines that build and run a flow: bun examples/script.ts (or deno run -A, or node).
import { flow, run } from "../mod.ts";

const result = await run(
  flow({
    actors: {
      numbers: { run: ["seq", "1", "100000"] },
      odd: { run: ["grep", "[13579]$"], in: "numbers" },
      count: { run: ["wc", "-l"], in: "odd" },
      last: { run: ["tail", "-n", "1"], in: "numbers" },
    },
  }),
  { stdout: "capture" },
);
console.log(new TextDecoder().decode(result.stdout).trim().split("\n").join(" odd numbers up to "));
console.log(`${result.state}; grep read ${result.actors["odd"]?.bytesIn} bytes`);
