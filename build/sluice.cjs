// deno-lint-ignore-file no-var
/**
 * The first lines of the installed program: plain enough that every Node reads them, back to those that know neither
 * modules nor `let`, so that one that is too old says so in a sentence. Which one is the oldest, and why, is in
 * docs/install.md.
 */
"use strict";

var version = process.versions.node.split(".").map(Number);
// From these on `node:sqlite` is there without a flag.
var hint = "expected Node 22.13 or later; Deno and Bun run it, too";
var isOld = version[0] < 22 || (version[0] === 22 && version[1] < 13) ||
  (version[0] === 23 && version[1] < 4);
if (isOld) {
  console.error("sluice: Cannot run on Node " + process.versions.node + " (" + hint + ")");
  process.exitCode = 2;
} else {
  require("./lib/run/start.js");
}
