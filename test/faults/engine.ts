/**
 * The program with everything loaded that a run needs: it stops itself before it begins, so that a tracer can be
 * attached, and what the system does from then on is the engine's doing, not that of a runtime which starts.
 */
import process from "node:process";
import "../../lib/cli/commands/run.ts";
import { main } from "../../lib/cli/main.ts";
import { endProgram } from "../../lib/host/spawn/end_program.ts";
import "../../lib/run/capture/load_state.ts";
import "../../lib/run/message_run.ts";
import "../../lib/run/capture/run_capture.ts";
import "../../lib/store/capture/capture.ts";
import "../../lib/store/cache/open_cache.ts";

process.kill(process.pid, "SIGSTOP");
endProgram(await main(process.argv.slice(2)));
