/** A flow file with mistakes, made of a good one: in what it holds, then in its text, then in its bytes. */
import { Buffer } from "node:buffer";
import { makeRandom, type Random } from "../random/prng.ts";
import { BASE_FLOWS } from "./base_flows.ts";
import { ODD_NAMES, oddValue } from "./odd_values.ts";

export interface SpoiledFlow {
  readonly seed: number;
  readonly folder: string;
  readonly bytes: Uint8Array;
}

/** The same seed gives the same file. */
export function spoilFlow(seed: number): SpoiledFlow {
  const random = makeRandom(seed, "spoiled flow");
  const { folder, value } = random.pick(BASE_FLOWS);
  const holder: Holder = { flow: structuredClone(value) };
  const changes = random.weighted([[6, 1], [3, 2], [1, 6], [2, 0]]);
  for (let change = 0; change < changes; change++) changeValue(holder, random);
  const text = JSON.stringify(holder["flow"], undefined, random.pick([0, 2])) ?? "";
  const isTextSpoiled = changes === 0 || random.chance(0.15);
  return { seed, folder, bytes: isTextSpoiled ? spoilText(text, random) : Buffer.from(text) };
}

type Holder = Record<string, unknown>;

function changeValue(root: Holder, random: Random): void {
  const holders = listHolders(root);
  const holder = random.pick(holders);
  const keys = Object.keys(holder);
  const key = keys.length === 0 ? "0" : random.pick(keys);
  const held = holder[key];
  const other = random.pick(holders);
  random.weighted<() => void>([
    [6, () => put(holder, key, oddValue(random))],
    [2, () => void delete holder[key]],
    [2, () => rename(holder, { from: key, to: random.pick(ODD_NAMES) })],
    [1, () => put(holder, key, [held])],
    [1, () => put(holder, key, { [random.pick(ODD_NAMES)]: held })],
    [2, () => put(holder, random.pick(ODD_NAMES), oddValue(random))],
    // What is good elsewhere; a copy, so that nothing holds itself.
    [4, () => put(holder, key, structuredClone(random.pick(Object.values(other).concat([held]))))],
    [2, () => put(other, key, structuredClone(held))],
  ])();
}

function listHolders(value: unknown): Holder[] {
  if (typeof value !== "object" || value === null) return [];
  // Lists too: their indices are keys.
  return [value as Holder, ...Object.values(value).flatMap(listHolders)];
}

/** Also `__proto__`; nothing is put far beyond the end of a list. */
function put(holder: Holder, key: string, value: unknown): void {
  if (Array.isArray(holder) && !(Number(key) <= holder.length)) return void holder.push(value);
  Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true });
}

function rename(holder: Holder, { from, to }: { readonly from: string; readonly to: string }): void {
  const held = holder[from];
  delete holder[from];
  put(holder, to, held);
}

const DEEP = 100_000;
const INSERTED: readonly string[] = [
  "\0",
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "//",
  "/*",
  "\n",
  "\r",
  "\u2028",
  "\ufeff",
  "\\ud800",
  "\\u0000",
  "1e999",
  "-",
  "0x10",
  "NaN",
  "9".repeat(400),
];

function spoilText(text: string, random: Random): Uint8Array {
  const at = random.int(0, text.length);
  const to = Math.min(text.length, at + random.int(1, 40));
  const without = text.slice(0, at) + text.slice(to);
  const insert = (piece: string) => text.slice(0, at) + piece + text.slice(at);
  return random.weighted<() => Uint8Array>([
    [3, () => Buffer.from(text.slice(0, at))],
    [3, () => Buffer.from(without)],
    [6, () => Buffer.from(insert(random.pick(INSERTED)))],
    [2, () => Buffer.from(insert(text.slice(at, to)))],
    [1, () => Buffer.from(`\ufeff${text}`)],
    [1, () => Buffer.from(text, "utf16le")],
    [1, () => Buffer.from(`// flow\n${text.replaceAll(",", ",/* and */")}`)],
    // A key twice: the first of them all, once more at the end.
    [
      2,
      () =>
        Buffer.from(
          text.replace(/\}\s*$/, `,${random.pick(['"actors":{}', '"__proto__":1', '"name":"x"'])}}`),
        ),
    ],
    [
      1,
      () => Buffer.from(text.replace(/"actors"\s*:/, `"out":"a","${random.pick(ODD_NAMES.slice(0, 8))}":`)),
    ],
    [1, () => Buffer.from(random.pick(["[", '{"a":', '{"actors":{"a":{"value":']).repeat(DEEP))],
    [1, () => Buffer.from(`{"actors":{"a":{"value":${"[".repeat(DEEP)}${"]".repeat(DEEP)}}}}`)],
    [
      1,
      () =>
        Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from(text)]),
    ],
    [1, () => new Uint8Array(random.int(0, 3))],
  ])();
}
