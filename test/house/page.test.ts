/** The page is one file that is made of its sources, and loads nothing from elsewhere. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makePage, PAGE_FILE } from "../../build/page.ts";
import { ROOT } from "./source_files.ts";

const text = readFileSync(join(ROOT, PAGE_FILE), "utf8");

test(`${PAGE_FILE} is as its sources are (npm run page)`, async () => {
  expect((await makePage()) === text, "npm run page").toBe(true);
});

test(`${PAGE_FILE} names nothing outside of it`, () => {
  expect(text.length).toBeGreaterThan(50_000);
  // Names of languages within documents are no addresses that are asked for.
  const addresses = [...text.matchAll(/https?:\/\/[^"'`\s)]+/g)].map(([address]) => address)
    .filter((address) => !address.startsWith("http://www.w3.org/"));
  expect(addresses).toEqual([]);
  expect(text.match(/<(?:script|link|img|iframe)[^>]*\s(?:src|href)="(?!data:)/g)).toBe(null);
});

test("nothing that the page shows is taken for markup", () => {
  const sources = globSync("lib/report/web/page/*.{ts,tsx}", { cwd: ROOT });
  expect(sources.length).toBeGreaterThan(20);
  const risky = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function/i;
  expect(sources.filter((path) => risky.test(readFileSync(join(ROOT, path), "utf8")))).toEqual([]);
});
