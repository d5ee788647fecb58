/** Every number and amount of a flow has an upper bound that is told: beyond it nothing is taken as something else. */
import { describe, expect, test } from "vitest";
import { flowOf, messagesOf } from "../messages_of.ts";

const MESSAGES = { protocol: "messages", run: ["true"] };
const TOO_MUCH = 'it is too much (expected at most "8191TiB")';

/** Where it stands, what stands there, the end of what is told. */
const BEYOND: readonly (readonly [string, object, string])[] = [
  ["limits.memory", { limits: { memory: "9999999999999TB" } }, TOO_MUCH],
  ["limits.spill", { limits: { spill: "8192TiB" } }, TOO_MUCH],
  ["limits.spill", { limits: { spill: `${"9".repeat(400)}B` } }, TOO_MUCH],
  [
    "limits.processes",
    { limits: { processes: 1e300 } },
    "(expected a number of processes from 1 to 4194304)",
  ],
  ["timeout", { timeout: "8761h" }, 'it is too long (expected at most "8760h")'],
  ["grace", { grace: `${"9".repeat(400)}h` }, 'it is too long (expected at most "8760h")'],
  ...([
    ["limits.memory", { limits: { memory: "9007199254740992B" } }, TOO_MUCH],
    ["limits.files", { limits: { files: 1e300 } }, "(expected a number of open files from 4 to 2147483584)"],
    [
      "limits.cpu",
      { limits: { cpu: "1e9h" } },
      '(expected a duration with its unit, such as "500ms", "5s", "2m" or "1h")',
    ],
    ["timeout", { timeout: "99999999999999h" }, 'it is too long (expected at most "8760h")'],
    ["stall", { stall: "99999999999999h" }, 'it is too long (expected at most "8760h")'],
    ["retry", { retry: 1e300 }, "(expected a number of further tries from 1 to 1000000)"],
    ["retry.max", { retry: { max: 1_000_001 } }, "(expected a number of further tries from 1 to 1000000)"],
    ["retry.backoff", { retry: { max: 1, backoff: "8761h" } }, 'it is too long (expected at most "8760h")'],
    ["workers", { workers: 1e9 }, "(expected a number of workers from 1 to 1024)"],
    ["workers.count", { workers: { count: 1e9 } }, "(expected a number of workers from 1 to 1024)"],
    ["workers.block", { workers: { count: 2, block: "1000000000TB" } }, TOO_MUCH],
    [
      "workers.block",
      { workers: { count: 2, block: "0B" } },
      "there are no blocks of nothing (expected more than 0)",
    ],
    ["workers.block", { workers: { count: 2, block: 1e15 } }, 'such as "512KiB", "64MiB", "8GiB" or "0B")'],
    ["workers.header", { workers: { count: 2, header: 1e6 } }, "(expected a number of lines from 0 to 1000)"],
    [
      "workers.key",
      { workers: { count: 2, by: "key", key: 1e7 } },
      "(expected the number of a column, from 1 to 1000000)",
    ],
    ["outputs.x", { outputs: { x: 1e300 } }, "(expected a file descriptor from 3 to 63)"],
    [
      "mailbox.size",
      { ...MESSAGES, mailbox: { size: 1e7 } },
      "(expected a number of messages from 1 to 1000000)",
    ],
    ["prefetch", { ...MESSAGES, prefetch: 1e6 }, "(expected a number of messages from 1 to 100000)"],
    [
      "supervisor.size",
      { ...MESSAGES, supervisor: { type: "pool", size: 1e4 } },
      "(expected a number of processes from 1 to 1024)",
    ],
    [
      "supervisor.hosts",
      { ...MESSAGES, supervisor: { type: "keyed", hosts: 1e4 } },
      '(expected a number of processes from 1 to 1024, or "each")',
    ],
    [
      "restart.intensity",
      { ...MESSAGES, restart: { intensity: 1e7 } },
      "(expected a number of failures from 0 to 1000000)",
    ],
    [
      "restart.period",
      { ...MESSAGES, restart: { period: "8761h" } },
      'it is too long (expected at most "8760h")',
    ],
    [
      "limits.message",
      { ...MESSAGES, limits: { message: "9999999999999TB" } },
      'it is too much (expected at most "64MiB")',
    ],
  ] as const).map(([place, a, says]) =>
    [
      `actors.a.${place}`,
      { actors: { i: { value: "x" }, a: { run: ["cat"], in: "i", ...a } } },
      says,
    ] as const
  ),
];

describe("checkFlow()", () => {
  test.each(BEYOND)("refuses what is beyond %s: %j", (place, flow, says) => {
    const messages = messagesOf({ actors: { a: { run: ["true"] } }, ...flow });
    expect(messages).toEqual([expect.stringMatching(/^[^:]+: Cannot /)]);
    expect(messages[0]?.startsWith(`${place}: `)).toBe(true);
    expect(messages[0]?.endsWith(says)).toBe(true);
  });

  test("takes the largest of each", () => {
    const flow = flowOf({
      limits: { memory: "8191TiB", spill: "8191TiB", processes: 4_194_304 },
      timeout: "8760h",
      grace: "8760h",
      actors: {
        i: { value: "x" },
        a: {
          run: ["cat"],
          in: "i",
          timeout: "1000h",
          retry: { max: 1_000_000, backoff: "8760h" },
          limits: { memory: "8191TiB", files: 2_147_483_584, cpu: "8760h" },
          workers: { count: 1024, block: "8191TiB" },
        },
        b: { ...MESSAGES, mailbox: { size: 1_000_000 }, prefetch: 100_000, retry: 1_000_000 },
      },
    });
    expect(flow.actors.get("a")).toMatchObject({ timeoutMs: 3_600_000_000, retry: { max: 1_000_000 } });
    expect(flow.limits).toEqual({
      memoryBytes: 8191 * 1024 ** 4,
      spillBytes: 8191 * 1024 ** 4,
      processes: 4_194_304,
    });
  });
});
