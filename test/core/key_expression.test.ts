import { describe, expect, test } from "vitest";
import type { KeyExpression } from "../../lib/core/key_expression.ts";
import { intersects, readKeyExpression } from "../../lib/core/key_expression.ts";
import { makeRandom } from "../message/random.ts";

function key(text: string): KeyExpression {
  const read = readKeyExpression(text);
  if (!read.ok) throw new Error(`${text} ${read.reason}`);
  return read.key;
}

/** What the published tests of Zenoh say: a, b, whether they have a key in common. */
const TABLE = `
a a true                        a b false                      a/b a/b true
* abc true                      * xxx true                     ab$* abcd true
ab$*d abcd true                 ab$* ab true                   ab/* ab false
a/*/c/*/e a/b/c/d/e true        a/$*b/c/$*d/e a/xb/c/xd/e true a/*/c/*/e a/c/e false
a/*/c/*/e a/b/c/d/x/e false     ab$*cd abxxcxxd false          ab$*cd abxxcxxcd true
ab$*cd abxxcxxcdx false         ** abc true                    ** a/b/c true
ab/** ab true                   **/xyz a/b/xyz/d/e/f/xyz true  **/xyz$*xyz a/b/xyz/d/e/f/xyz false
a/**/c/**/e a/b/b/b/c/d/d/d/e true                             a/**/c/**/e a/c/e true
a/**/c/*/e/* a/b/b/b/c/d/d/c/d/e/f true                        a/**/c/*/e/* a/b/b/b/c/d/d/c/d/d/e/f false
x/abc x/abc true                x/abc abc false                x/* x/abc true
x/* abc false                   * x/abc false                  x/* x/abc$* true
x/$*abc x/abc$* true            x/a$* x/abc$* true             x/a$*de x/abc$*de true
x/a$*d$*e x/a$*e true           x/a$*d$*e x/a$*c$*e true       x/a$*d$*e x/ade true
x/c$* x/abc$* false             x/$*d x/$*e false              @a @a true
@a @ab false                    @a @a/b false                  @a @a/* false
@a @a/*/** false                @a @a/** true                  @a/b @a/** true
**/xyz$*xyz @a/b/xyz/d/e/f/xyz false                           @a/**/c/**/e @a/b/b/b/c/d/d/d/e true
@a/**/c/**/e @a/@b/b/b/c/d/d/d/e false                         @a/**/@c/**/e @a/b/b/b/@c/d/d/d/e true
@a/**/e @a/b/b/d/d/d/e true     @a/**/e @a/b/b/@b/d/d/d/e false
* @a false                      ** @a false                    ** a/@b false
** @a/b false                   a/** a/@b false                a$* @a false
**/@b a/@b true                 ** ** true                     */** ** true
`;

describe("intersects()", () => {
  test.each(
    [...TABLE.matchAll(/(\S+) (\S+) (true|false)/g)].map(([, a = "", b = "", is = ""]) => ({ a, b, is })),
  )(
    "says of $a and $b: $is",
    ({ a, b, is }) => {
      expect([intersects(key(a), key(b)), intersects(key(b), key(a))]).toEqual([
        is === "true",
        is === "true",
      ]);
    },
  );

  test("agrees with a naive reference on random expressions", () => {
    const { random, seed } = makeRandom();
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
    const chunks = ["a", "b", "ab", "*", "**", "a$*", "$*b", "@a", "@b"];
    const plain = ["a", "b", "ab", "aab", "@a", "@b"];
    for (let round = 0; round < 3000; round++) {
      const pattern = Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(chunks)).join("/");
      const name = Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(plain)).join("/");
      const told = intersects(key(pattern), key(name));
      expect(told, `${pattern} and ${name}, seed ${seed}`).toBe(matches(pattern.split("/"), name.split("/")));
    }
  });
});

/** By the words of the rules, with no thought of time. */
function matches(pattern: readonly string[], name: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  const [chunk, ...others] = name;
  if (first === undefined) return chunk === undefined;
  if (first === "**") {
    return matches(rest, name) || (chunk !== undefined && !chunk.startsWith("@") && matches(pattern, others));
  }
  if (chunk === undefined) return false;
  const isSame = first === chunk || (!chunk.startsWith("@") && !first.startsWith("@") &&
    new RegExp(`^${first === "*" ? ".*" : first.replaceAll("$*", ".*")}$`).test(chunk));
  return isSame && matches(rest, others);
}

describe("readKeyExpression()", () => {
  test.each([
    ["a/b", "a/b"],
    ["**/**", "**"],
    ["**/*", "*/**"],
    ["**/**/*/**/*", "*/*/**"],
    ["a/**/*/b", "a/*/**/b"],
    ["$*", "*"],
    ["$*$*", "*"],
    ["a$*$*b/$*", "a$*b/*"],
    ["**/$*", "*/**"],
  ])("brings %s into the form %s", (text, canon) => {
    expect(key(text).text).toBe(canon);
  });

  test.each([
    ["", "is empty"],
    ["/a", "empty chunk"],
    ["a/", "empty chunk"],
    ["a//b", "empty chunk"],
    ["a*", "$*"],
    ["a**", "$*"],
    ["***", "$*"],
    ["a$b", "not followed"],
    ["a?b", "# or ?"],
    ["a#b", "# or ?"],
    ["x".repeat(2000), "too long"],
  ])("refuses %j", (text, reason) => {
    const read = readKeyExpression(text);
    expect(read.ok ? "" : read.reason).toContain(reason);
    expect(read.ok ? "" : read.reason).toContain("(expected ");
  });
});
