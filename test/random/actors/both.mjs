// both.mjs FD: copies stdin to stdout and to a descriptor, and waits for whichever is slower.
import { createWriteStream } from "node:fs";
import process from "node:process";

const outputs = [process.stdout, createWriteStream("", { fd: Number(process.argv[2]) })];
for (const output of outputs) output.on("error", quit);
for await (const chunk of process.stdin) {
  const full = outputs.filter((output) => !output.write(chunk));
  await Promise.all(full.map((output) => new Promise((resolve) => output.once("drain", resolve))));
}
outputs[1].end();

/** A reader that has left ends the actor quietly, with an exit code of its own. */
function quit(error) {
  if (error.code !== "EPIPE" && error.code !== "ECONNRESET") throw error;
  process.exit(7);
}
