import { describe, expect, it } from "vitest";
import { BLOCK_MS, WORK_BLOCK_BYTES_MAX } from "../../../lib/core/limits/workers.ts";
import { BlockSize } from "../../../lib/pipe/workers/block_size.ts";

/** Where the size ends when a block costs `startMs` and `msPerByte`. */
function settle({ startMs, msPerByte }: { startMs: number; msPerByte: number }): number {
  const size = new BlockSize();
  for (let round = 0; round < 30; round++) {
    size.learn({ bytes: size.bytes, ms: startMs + size.bytes * msPerByte });
  }
  return size.bytes;
}

describe("BlockSize", () => {
  it("grows as far as it may for a program that takes no time", () => {
    expect(settle({ startMs: 1, msPerByte: 1e-7 })).toBe(WORK_BLOCK_BYTES_MAX);
  });

  it("comes to blocks that take their time", () => {
    const bytes = settle({ startMs: 1, msPerByte: 1e-4 });
    expect(bytes * 1e-4).toBeGreaterThan(BLOCK_MS / 2);
    expect(bytes * 1e-4).toBeLessThan(BLOCK_MS * 2);
  });

  it("stays with single lines when each takes long", () => {
    expect(settle({ startMs: 1, msPerByte: 10 })).toBeLessThan(30);
  });

  it("is not held small by a slow start", () => {
    expect(settle({ startMs: 500, msPerByte: 1e-4 }) * 1e-4).toBeGreaterThan(1000);
  });

  it("stays as it was given", () => {
    const size = new BlockSize(1000);
    size.learn({ bytes: 1000, ms: 1 });
    expect(size.bytes).toBe(1000);
  });
});
