import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { statIfThere } from "../../../lib/host/files/stat_if_there.ts";
import { namedFiles } from "../../../lib/run/reads/named_files.ts";
import { stampFile } from "../../../lib/store/cache/hash_file.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "test-of-sluice-"));
  writeFileSync(join(folder, "file"), "text");
  symlinkSync("ring", join(folder, "ring"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Words of commands that only look like paths. */
const NO_FILES = ["missing", "file/below", "ring", "x".repeat(300), `a/${"x".repeat(5000)}`];

describe("statIfThere()", () => {
  it("knows a file", () => {
    expect(statIfThere(join(folder, "file"))?.size).toBe(4n);
  });

  it.each(NO_FILES)("finds nothing where no file can be: %.20s", (name) => {
    expect(statIfThere(join(folder, name))).toBeUndefined();
    expect(stampFile(join(folder, name))).toBeUndefined();
    expect(namedFiles({ kind: "run", argv: ["echo", name, "file"] }, folder)).toEqual([join(folder, "file")]);
  });
});
