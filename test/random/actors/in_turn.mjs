// in_turn.mjs PATH...: one input after the other to stdout; `-` is stdin.
import { createReadStream } from "node:fs";
import process from "node:process";
import { pipeline } from "node:stream/promises";

process.stdout.on("error", quit);
try {
  for (const path of process.argv.slice(2)) {
    const input = path === "-" ? process.stdin : createReadStream(path);
    await pipeline(input, process.stdout, { end: false });
  }
} catch (error) {
  quit(error);
}

/** A reader that has left ends the actor quietly, with an exit code of its own. */
function quit(error) {
  if (error.code !== "EPIPE" && error.code !== "ECONNRESET") throw error;
  process.exit(7);
}
