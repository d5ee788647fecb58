import { readdirSync } from "node:fs";
import process from "node:process";
import { flow, run } from "../../../mod.ts";

const logs = readdirSync("logs").sort().map((file) => `log${file.replace(".gz", "")}`);
const counts = logs.map((name) => [`${name}_count`, { run: ["bash", "count.sh"], in: name, cache: true }]);
const result = await run(flow({
  actors: {
    ...Object.fromEntries(logs.map((name) => [name, { file: `logs/${name.slice(3)}.gz` }])),
    ...Object.fromEntries(counts),
    total: { run: ["sh", "sum.sh"], in: logs.map((name) => `${name}_count`) },
  },
  limits: { processes: 2 },
  out: { "report.txt": "total" },
}));
process.exitCode = result.exitCode;
