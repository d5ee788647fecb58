/** The house stays as it is meant to be: what grows too long or runs in a circle is told by its name. */
import { basename } from "node:path";
import { expect, test } from "vitest";
import { findCircles } from "./find_circles.ts";
import { FUNCTION_MAX, LINES_MAX, MUTABLE_MAX, readHouse } from "./house.ts";
import { KNOWN_CIRCLES, KNOWN_LONG, KNOWN_LONG_FUNCTIONS, KNOWN_MUTABLE } from "./known.ts";
import { listClasses, listFunctions } from "./source_files.ts";

const house = readHouse();

test(`no file is longer than ${LINES_MAX} lines, no test and no benchmark either`, () => {
  const long = [...house.long, ...house.longOthers];
  const grown = long.filter(({ path, lines }) => lines > (KNOWN_LONG[basename(path)] ?? LINES_MAX));
  expect(grown.map(({ path, lines }) => `${path}: ${lines} lines; split it by idea`)).toEqual([]);
});

test(`no function is longer than ${FUNCTION_MAX} lines`, () => {
  const grown = house.longFunctions.filter(({ name, lines }) =>
    lines > (KNOWN_LONG_FUNCTIONS[name] ?? FUNCTION_MAX)
  );
  expect(grown.map(({ path, name, lines }) => `${name} in ${path}: ${lines} lines; split it by idea`))
    .toEqual(
      [],
    );
});

test("what is known to be too long is still there", () => {
  const long = [...house.long, ...house.longOthers].map(({ path }) => basename(path));
  expect(Object.keys(KNOWN_LONG).filter((name) => !long.includes(name))).toEqual([]);
  const functions = house.longFunctions.map(({ name }) => name);
  expect(Object.keys(KNOWN_LONG_FUNCTIONS).filter((name) => !functions.includes(name))).toEqual([]);
});

test(`no class has more than ${MUTABLE_MAX} mutable members`, () => {
  const grown = house.mutable.filter(({ name, mutable }) =>
    mutable.length > (KNOWN_MUTABLE[name] ?? MUTABLE_MAX)
  );
  expect(grown.map(({ path, name, mutable }) => `${name} in ${path}: ${mutable.join(" ")}`)).toEqual([]);
});

test("no files import each other in a circle, types included", () => {
  const isKnown = (circle: readonly string[]): boolean =>
    KNOWN_CIRCLES.some((known) => circle.every((path) => known.includes(basename(path))));
  expect(house.circles.filter((circle) => !isKnown(circle))).toEqual([]);
});

// a ⇄ b, c ─▶ d ─▶ e ─▶ c, a ─▶ c, f ─▶ f, g alone
test("findCircles() finds every group of files that lead to each other", () => {
  const imports = new Map([
    ["a", ["b", "c"]],
    ["b", ["a"]],
    ["c", ["d"]],
    ["d", ["e", "node:fs"]],
    ["e", ["c"]],
    ["f", ["f"]],
    ["g", ["a"]],
  ]);
  expect(findCircles(imports)).toEqual([["a", "b"], ["c", "d", "e"], ["f"]]);
});

test("listClasses() counts what can be set and what can be filled", () => {
  const text = `
    class Gate {
      isOpen = false;
      #last: string | undefined;
      readonly #known = new Map<string, number>();
      readonly lines: string[] = [];
      readonly names: readonly string[] = [];
      readonly #hooks: Hooks;
      readonly size = 3;
    }
  `;
  expect(listClasses("gate.ts", text)).toEqual([
    { path: "gate.ts", name: "Gate", mutable: ["isOpen", "#last", "#known", "lines"] },
  ]);
});

test("listFunctions() measures functions, methods and what is in them", () => {
  const text = `
    function outer() {
      return () => {
        return 1;
      };
    }
    class Gate {
      constructor() {}
      open(): void {
      }
    }
  `;
  expect(listFunctions("gate.ts", text).map(({ name, lines }) => [name, lines]))
    .toEqual([["outer", 5], ["(nameless)", 3], ["Gate.constructor", 1], ["Gate.open", 2]]);
});
