/** Actor in TypeScript: puts `odd` or `even` behind each number. */
import process from "node:process";
import { createInterface } from "node:readline";

const lines: string[] = [];
for await (const line of createInterface({ input: process.stdin })) {
  lines.push(`${line} ${Number(line) % 2 === 0 ? "even" : "odd"}`);
}
process.stdout.write(lines.map((line) => `${line}\n`).join(""));
