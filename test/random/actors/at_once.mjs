// at_once.mjs PATH...: reads all its inputs at the same time, holds them, and writes them one after the other.
import { createReadStream } from "node:fs";
import process from "node:process";

process.stdout.on("error", (error) => {
  // A reader that has left ends the actor quietly, with an exit code of its own.
  if (error.code !== "EPIPE" && error.code !== "ECONNRESET") throw error;
  process.exit(7);
});
const inputs = await Promise.all(
  process.argv.slice(2).map(async (path) => {
    const chunks = [];
    for await (const chunk of path === "-" ? process.stdin : createReadStream(path)) chunks.push(chunk);
    return chunks;
  }),
);
for (const chunk of inputs.flat()) {
  if (!process.stdout.write(chunk)) await new Promise((resolve) => process.stdout.once("drain", resolve));
}
