/** What becomes of messages that have no room in the mailbox of their receiver. */
import { describe, expect, test } from "vitest";
import { runtimes } from "./rig.ts";
import { actor, lines, play } from "./scripted.ts";

describe.each(runtimes)("message actors on $name", (runtime) => {
  test("are not read while what they send has no room; a ring of full mailboxes is resolved", async () => {
    const big = "x".repeat(500);
    const { code, stderr, stdout } = await play(runtime, {
      a: actor([["repeat", 2000, ["send", "b", "T", { big }]], ["out", "a"]], { mailbox: { size: 2 } }),
      b: actor([["repeat", 2000, ["send", "a", "T", { big }]], ["out", "b"]], { mailbox: { size: 2 } }),
    });
    expect([code, lines(stdout).toSorted()]).toEqual([0, ["a", "b"]]);
    expect(stderr).toContain("Mailboxes waited for each other");
  });

  test.each(["reject", "drop-oldest", "spill", "block"] as const)(
    "with a full mailbox: %s",
    async (overflow) => {
      const { stdout, code } = await play(runtime, {
        a: actor([
          ["send", "b", "T", { do: [["sleep", 0.5]] }],
          ["sleep", 0.2],
          ["repeat", 10, ["send", "b", "T", { do: [["out", "INDEX"]] }]],
        ]),
        b: actor([], { mailbox: { size: 3, overflow } }),
      });
      const all = lines(stdout);
      const numbers = all.filter((line) => typeof line === "number");
      const rejected = all.filter((line) => typeof line === "object");
      expect(code).toBe(0);
      if (overflow === "reject") expect([numbers, rejected.length]).toEqual([[0, 1, 2], 7]);
      else if (overflow === "drop-oldest") expect([numbers, rejected.length]).toEqual([[7, 8, 9], 7]);
      else expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    },
  );
});
