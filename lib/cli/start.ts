/** What the installed program loads first, when its runtime is new enough (`build/sluice.cjs`). */
import { keepCompiled } from "../host/keep_compiled.ts";

const { process } = globalThis;
keepCompiled();
// By a call: all that is imported by a statement is compiled before the first line is run.
void import("./main.ts").then((program) => program.runProgram(process.argv.slice(2)));
