import { describe, expect, test } from "vitest";
import type { Messaging } from "../../../lib/core/messaging.ts";
import { compileSchema } from "../../../lib/data/json_schema.ts";
import { MessageChecks } from "../../../lib/message/checks/message_checks.ts";
import { MESSAGING } from "../actors.ts";

const NUMBER = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };

function actor(own: Partial<Messaging>): { readonly name: string; readonly messaging: Messaging } {
  return { name: "a", messaging: { ...MESSAGING, ...own } };
}

function message(type: string, payload?: unknown) {
  return { type, read: () => payload };
}

describe("MessageChecks", () => {
  const checks = new MessageChecks(compileSchema);
  const fields = { accepts: { N: NUMBER, Record: NUMBER }, emits: { N: NUMBER } };

  test("lets an actor send and get anything of which the flow says nothing, and reads nothing of it", () => {
    const unread = { type: "N", read: () => expect.fail("it was read") };
    expect(checks.whyNotSent(actor({}), unread)).toBeUndefined();
    expect(checks.whyNotTaken(actor({}), unread)).toBeUndefined();
    expect(checks.whyNotSent(actor({ emits: ["N"] }), unread)).toBeUndefined();
  });

  test("refuses types that are not declared, but for Reject and for what was asked for", () => {
    const declared = actor({ accepts: ["N", "M"], emits: [] });
    expect(checks.whyNotSent(declared, message("X"))).toBe(
      "Actor 'a' does not say that it emits 'X' (it emits nothing)",
    );
    expect(checks.whyNotTaken(declared, message("X"))).toBe(
      "Actor 'a' does not say that it accepts 'X' (it accepts N, M)",
    );
    expect(checks.whyNotSent(declared, message("Reject"))).toBeUndefined();
    expect(checks.whyNotTaken(declared, message("Reject"))).toBeUndefined();
    expect(checks.whyNotTaken(declared, message("X"), { isAwaited: true })).toBeUndefined();
    expect(checks.whyNotRead(declared, () => 1)).toBeUndefined();
  });

  test("says which field is wrong, of each side by its own schema", () => {
    const both = actor({ accepts: ["N"], emits: ["N"], fields: { ...fields, emits: { N: {} } } });
    expect(checks.whyNotTaken(both, message("N", { n: "1" }))).toBe(
      "'N' is not as 'a' accepts it: field \"n\" is a string (expected number)",
    );
    expect(checks.whyNotSent(both, message("N", { n: "1" }))).toBeUndefined();
    expect(checks.whyNotRead(actor({ accepts: ["Record"], fields }), () => ({}))).toBe(
      "'Record' is not as 'a' accepts it: field \"n\" is missing",
    );
  });
});
