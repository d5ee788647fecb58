/**
 * What a run loads before its first process is what its flow needs, and no more. The numbers become larger
 * only with a room that every flow passes, or when a file becomes several; `node bench/start.ts` says what they cost.
 */
import { expect, test } from "vitest";
import { listImported, listLoaded, PROGRAM } from "./static_closure.ts";

/** `import` of the library, with all that is in its surface. */
const LIBRARY = ["mod.ts", "lib/flow/builder.ts", "lib/run/check_here.ts", "lib/run/run_flow.ts"];
const LIBRARY_FILES_MAX = 115;
const PROGRAM_FILES_MAX = 188;

/** What no such run needs: rooms, parts of rooms, and what the runtimes bring that takes long to load. */
const NOT_NEEDED = [
  /^lib\/(data|message)\//,
  /^lib\/store\/(?!capture\/store_error\.ts$)/,
  /^lib\/pipe\/(?!state\/relay_board\.ts$)/,
  /^lib\/run\/(cache|deadlock|logs|messages|spawned|message_run)/,
  /^lib\/run\/(capture\/(run_capture|load_state)|.*_thread)\.ts$/,
  /^lib\/report\/(picture\/|web\/|telemetry\/|text\/(check_text|inspect_text|tree|cache_text)|sinks\/event_log)/,
  /^lib\/host\/(threads|descriptor_io)\//,
  /^lib\/host\/files\/database\.ts$/,
  /^lib\/flow\/read\/flow_text\.ts$/,
  /^node:(child_process|crypto|module|net|sqlite|stream|tty|v8|vm|worker_threads)$/,
];
/** What only a flow with sets, messages or other flows needs; `flow()` of the library has to have it, as nobody waits for it. */
const NOT_ON_THE_ROAD = [
  /^lib\/flow\/(expand|use)\//,
  /^lib\/process\/(limits\/(?!reached_limit)|proc\/(blocked|syscalls|tree_memory|processor_times))/,
  /^lib\/run\/(check_here|check_schemas|run_limits|actors\/run_pools|wiring\/(wire_copy|input_files|wire_member))\.ts$/,
  /^lib\/flow\/(builder|check\/(all_rooms|message_room|check_messaging|check_handler|split_room|check_split|check_split_readers))\.ts$/,
];
/** The only package. */
const PACKAGES = ["valibot"];

test.each(
  [
    ["the library", LIBRARY, LIBRARY_FILES_MAX, NOT_NEEDED],
    ["a chain of bytes", PROGRAM, PROGRAM_FILES_MAX, [...NOT_NEEDED, ...NOT_ON_THE_ROAD]],
  ] as const,
)("%s loads nothing that it does not need", (_, entries, filesMax, notNeeded) => {
  const { files, modules } = listLoaded(entries);
  expect([...files, ...modules].filter((name) => notNeeded.some((pattern) => pattern.test(name)))).toEqual(
    [],
  );
  expect(modules.filter((name) => !name.startsWith("node:"))).toEqual(PACKAGES);
  expect(files.length, "files that are loaded: what only some flows need is imported by a call")
    .toBeLessThanOrEqual(
      filesMax,
    );
});

test("listImported() tells imports from types and from what is loaded later", () => {
  const text = `
    import a from "a";
    import type { B } from "b";
    import { type C, c } from "c";
    import "d";
    export { e } from "e";
    export type { F } from "f";
    export * from "g";
    export const h = await import("h");
  `;
  expect(listImported("x.ts", text)).toEqual(["a", "c", "d", "e", "g"]);
});
