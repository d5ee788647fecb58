// turn_over.mjs: every byte of stdin, turned over, with the streams of Node.
import process from "node:process";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

const turnOver = new Transform({
  transform(chunk, _, done) {
    done(null, chunk.map((byte) => 255 - byte));
  },
});

try {
  await pipeline(process.stdin, turnOver, process.stdout);
} catch (error) {
  // A reader that has left ends the actor quietly, with an exit code of its own.
  if (error.code !== "EPIPE" && error.code !== "ECONNRESET") throw error;
  process.exit(7);
}
