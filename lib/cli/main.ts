/**
 * The program: reads the command line, does what it says, answers with the exit code.
 */
import process from "node:process";
import { FlowError } from "../core/issue.ts";
import { endProgram } from "../host/spawn/end_program.ts";
import { restoreIgnored } from "../host/spawn/ignored_signals.ts";
import { isSystemError, messageOf } from "../host/errno.ts";
import { ensurePermissions, isLoadError } from "../host/runtime.ts";
import { undoNodeFlags } from "../host/descriptors/shared_descriptors.ts";
import { refuseClosed } from "../host/descriptors/standard_streams.ts";
import { workingFolder, WorkingFolderError } from "../host/files/working_folder.ts";
import { whyOutputIsLost, writeText } from "../report/sinks/write_text.ts";
import { hasFlow, IssuesError } from "./line/open_flow.ts";
import type { Arguments, CommandName } from "./line/read_arguments.ts";
import { COMMANDS, readArguments } from "./line/read_arguments.ts";
import { programName } from "./line/terminal.ts";
import { UsageError } from "./line/usage_error.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** `EX_SOFTWARE` of sysexits.h. */
const EXIT_BUG = 70;

/** Each command is loaded only when it is called: most runs need no schema and no picture. */
const RUN_COMMAND: Readonly<Record<CommandName, (given: Arguments) => Promise<number>>> = {
  run: async (given) => await (await import("./commands/run.ts")).runCommand(given),
  check: async (given) => await (await import("./commands/check.ts")).checkCommand(given),
  tree: async (given) => await (await import("./commands/tree.ts")).treeCommand(given),
  graph: async (given) => await (await import("./commands/graph.ts")).graphCommand(given),
  messages: async (given) => await (await import("./commands/messages.ts")).messagesCommand(given),
  schema: async () => (await import("./commands/schema.ts")).schemaCommand(),
  init: async (given) => (await import("./commands/init.ts")).initCommand(given),
  watch: async (given) => await (await import("./commands/watch.ts")).watchCommand(given),
  import: async (given) => (await import("./commands/import.ts")).importCommand(given),
  completion: async (given) => await (await import("./commands/completion.ts")).completionCommand(given),
  cache: async (given) => (await import("./commands/cache.ts")).cacheCommand(given),
  ui: async (given) => await (await import("./commands/ui.ts")).uiCommand(given),
  inspect: async (given) => await (await import("./commands/inspect.ts")).inspectCommand(given),
};

/** Runs the program with its arguments, and ends it. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  endProgram(await main(argv));
}

/** The answer is the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  refuseClosed();
  undoNodeFlags();
  try {
    restoreIgnored();
    const code = await dispatch(argv);
    const lost = whyOutputIsLost();
    if (lost === undefined) return code;
    writeText(2, `sluice: Cannot write standard output: ${lost}\n`);
    return code === 0 ? EXIT_FAILED : code;
  } catch (error) {
    return explain(error);
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const [first, second] = argv;
  if (first === undefined && !hasFlow()) {
    writeText(2, await helpText());
    return EXIT_USAGE;
  }
  if (argv.length === 1 && (first === "--version" || first === "-V")) {
    return print(`sluice ${(await import("./line/version.ts")).VERSION}\n`);
  }
  if (first === "help" || first === "--help" || first === "-h") {
    const command = COMMANDS.find((name) => name === second);
    return print(await helpText(command as CommandName | undefined));
  }
  const given = readArguments(argv);
  if (given.options.help === true) return print(await helpText(given.command));
  const refused = ensurePermissions();
  if (refused !== undefined) {
    writeText(2, `${refused}\n`);
    return EXIT_USAGE;
  }
  workingFolder(); // It is asked for here once, not by whichever path comes first.
  return await RUN_COMMAND[given.command](given);
}

async function helpText(command?: CommandName): Promise<string> {
  const { COMMAND_HELP, GENERAL_HELP } = await import("./line/help.ts");
  return command === undefined ? GENERAL_HELP : COMMAND_HELP[command];
}

function print(text: string): number {
  writeText(1, text);
  return 0;
}

function explain(error: unknown): number {
  if (error instanceof FlowError) {
    writeText(2, `sluice: ${error.message}\n`);
    return EXIT_USAGE;
  }
  if (error instanceof UsageError) {
    writeText(2, `sluice: ${error.message}\n(${programName()} --help shows how)\n`);
    return EXIT_USAGE;
  }
  if (error instanceof WorkingFolderError) {
    writeText(2, `sluice: ${error.message}\n`);
    return EXIT_USAGE;
  }
  if (error instanceof IssuesError) {
    writeText(2, error.message.endsWith("\n") ? error.message : `${error.message}\n`);
    return EXIT_USAGE;
  }
  if (isSystemError(error)) {
    writeText(2, `sluice: Cannot go on: ${messageOf(error)}\n`);
    return EXIT_USAGE;
  }
  if (isLoadError(error)) {
    writeText(2, `sluice: Cannot load a part of the program: ${error.message} (is it installed whole?)\n`);
    return EXIT_USAGE;
  }
  const text = error instanceof Error ? error.message : String(error);
  writeText(
    2,
    `sluice: internal error: ${text}\nThis is a mistake in sluice; please report it (SLUICE_DEBUG=1 shows where).\n`,
  );
  if (process.env["SLUICE_DEBUG"] === "1" && error instanceof Error) writeText(2, `${error.stack}\n`);
  return EXIT_BUG;
}
