import { expect, test } from "vitest";
import { codeOf, hasCode, systemError } from "../../lib/host/errno.ts";
import { describeSystemError } from "../../lib/host/system_error.ts";

test("codeOf() reads the error of each runtime", () => {
  const made = (message: string, more: object): Error => Object.assign(new Error(message), more);
  expect([
    codeOf(made("ENOSPC: no space left on device, mkdir '/x'", { code: "ENOSPC", errno: -28 })),
    codeOf(
      made("Unknown system error -122: Unknown system error -122, write", {
        code: "Unknown system error -122",
        errno: -122,
      }),
    ),
    codeOf(made("UNKNOWN: unknown error, rename 'a' -> 'b'", { code: "UNKNOWN", errno: 122 })),
    codeOf(made("Disk quota exceeded (os error 122)", {})),
    codeOf(systemError("EMFILE", "pipe2")),
  ]).toEqual(["ENOSPC", "EDQUOT", "EDQUOT", "EDQUOT", "EMFILE"]);
});

test("codeOf() takes no mistake of a program for an error of the system", () => {
  const mistake = Object.assign(new TypeError("x must be a string"), { code: "ERR_INVALID_ARG_TYPE" });
  expect([codeOf(mistake), codeOf(new Error("ENOENT")), codeOf("ENOENT"), hasCode(mistake, "ENOENT")])
    .toEqual([
      undefined,
      undefined,
      undefined,
      false,
    ]);
});

test("describeSystemError() gives words to a number without a name", () => {
  const error = Object.assign(
    new Error("Unknown system error -122: Unknown system error -122, rename 'a' -> 'b'"),
    {
      code: "Unknown system error -122",
      errno: -122,
    },
  );
  expect(describeSystemError(error)).toEqual({
    errno: "EDQUOT",
    reason: "EDQUOT: disk quota exceeded, rename 'a' -> 'b'",
  });
});
