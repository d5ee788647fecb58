/** The first lines of the input, which each worker is given, are in the output once. */
import { describe, expect, it } from "vitest";
import { runFlow, runtimes } from "./rig.ts";

const ROWS = Array.from({ length: 3000 }, (_, at) => `${at},${at % 7}`);
const INPUT = ["id,rest", ...ROWS, ""].join("\n");

const byKey = { by: "key", key: { column: 2, separator: "," } };
const WORKERS: readonly (readonly [string, object])[] = [
  ["blocks in order", { block: "1KiB" }],
  ["blocks as they come", { block: "1KiB", order: "any" }],
  ["keys in order", byKey],
  ["keys as they come", { ...byKey, order: "any" }],
];

describe.each(runtimes)("on $name", (runtime) => {
  it.each(WORKERS)(
    "a header that is passed on is kept once, one that is not takes no row: %s",
    async (_, more) => {
      const workers = { count: 2, header: 1, ...more };
      const { code, stdout, stderr } = await runFlow(runtime, {
        actors: {
          in: { value: INPUT },
          work: { sh: "tee /dev/fd/3 | sed 1d", in: "in", outputs: { all: 3 }, workers },
          none: { run: ["sed", "-n", "1p"], in: "in", workers },
          tried: { run: ["cat"], in: "in", workers, retry: 1 },
          show: {
            sh:
              'head -n 1 "$SLUICE_IN_ALL"; sort -n "$SLUICE_IN_ALL" | cksum; sort -n | cksum; cat "$SLUICE_IN_NONE"; sort -n "$SLUICE_IN_TRIED" | cksum',
            in: {
              stdin: "work",
              all: { from: "work.all", as: "file" },
              none: { from: "none", as: "file" },
              tried: { from: "tried", as: "file" },
            },
          },
          wanted: {
            sh:
              "cat > in; head -n 1 in; sort -n in | cksum; sed 1d in | sort -n | cksum; head -n 1 in; sort -n in | cksum",
            in: "in",
          },
        },
        out: ["show", "wanted"],
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const lines = stdout.split("\n").slice(0, -1);
      expect(lines).toHaveLength(10);
      expect(lines.slice(0, 5)).toEqual(lines.slice(5));
    },
  );
});
