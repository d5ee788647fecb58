/**
 * What the page knows of many things of a kind, and what of it has changed since it was last told.
 */
import type { Patch } from "./page_change.ts";

/** Records by their keys, in the order in which they came; `max` of them. */
export class Records<Key, Value extends object> {
  readonly #values = new Map<Key, Value>();
  readonly #told = new Map<Key, Value>();
  readonly #changed = new Set<Key>();
  readonly #keyName: keyof Value;
  readonly #max: number;
  /** How many there would be more. */
  more = 0;

  /** `keyName` is the field that names a record, which is told with each change. */
  constructor(keyName: keyof Value, max: number) {
    this.#keyName = keyName;
    this.#max = max;
  }

  get(key: Key): Value | undefined {
    return this.#values.get(key);
  }

  values(): IterableIterator<Value> {
    return this.#values.values();
  }

  /** A new one; false when there are too many. */
  add(key: Key, value: Value): boolean {
    if (this.#values.size >= this.#max && !this.#values.has(key)) {
      this.more += 1;
      return false;
    }
    this.#values.set(key, value);
    this.#changed.add(key);
    return true;
  }

  /** Fields that are undefined are there no more. Of one that is not known nothing is noted. */
  change(key: Key, fields: { readonly [Name in keyof Value]?: Value[Name] | undefined }): void {
    const before = this.#values.get(key);
    if (before === undefined) return;
    if (!differs(before, fields)) return;
    // What is undefined is left out where it is told.
    this.#values.set(key, { ...before, ...fields } as Value);
    this.#changed.add(key);
  }

  remove(key: Key): void {
    this.#values.delete(key);
    this.#told.delete(key);
    this.#changed.delete(key);
  }

  list(): Value[] {
    return [...this.#values.values()].map((value) => ({ ...value }));
  }

  /** Everything has been told. */
  settle(): void {
    for (const key of this.#changed) {
      const value = this.#values.get(key);
      if (value !== undefined) this.#told.set(key, value);
    }
    this.#changed.clear();
  }

  /** What has changed of at most so many; the others come next time. */
  take(max: number): Patch<Value>[] {
    const patches: Patch<Value>[] = [];
    for (const key of this.#changed) {
      if (patches.length >= max) break;
      this.#changed.delete(key);
      const value = this.#values.get(key);
      if (value === undefined) continue;
      const patch = patchOf(this.#told.get(key), value, this.#keyName);
      this.#told.set(key, value);
      if (patch !== undefined) patches.push(patch);
    }
    return patches;
  }
}

function differs<Value extends object>(
  before: Value,
  fields: { readonly [Name in keyof Value]?: Value[Name] | undefined },
): boolean {
  for (const name in fields) if (!isSame(before[name], fields[name])) return true;
  return false;
}

function patchOf<Value extends object>(
  before: Value | undefined,
  after: Value,
  keyName: keyof Value,
): Patch<Value> | undefined {
  const patch: { [Name in keyof Value]?: Value[Name] | null } = {};
  let isOther = before === undefined;
  for (const name in after) {
    const value = after[name];
    if (before !== undefined && isSame(before[name], value)) continue;
    if (value === undefined && before?.[name] === undefined) continue;
    patch[name] = value === undefined ? null : value;
    isOther = true;
  }
  patch[keyName] = after[keyName];
  return isOther ? patch : undefined;
}

/** Small plain data is the same when it says the same. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A list to which is only added; the newest `max` are kept. */
export class Tail<Value> {
  readonly #max: number;
  #values: Value[] = [];
  #fresh: Value[] = [];
  /** How many were left out. */
  more = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get last(): Value | undefined {
    return this.#values.at(-1);
  }

  add(value: Value): void {
    this.#values.push(value);
    this.#fresh.push(value);
    // Not with every one of them, which would move all of the others each time.
    if (this.#values.length >= 2 * this.#max) this.#trim();
    if (this.#fresh.length >= 2 * this.#max) this.#fresh = this.#fresh.slice(-this.#max);
  }

  list(): readonly Value[] {
    this.#trim();
    return [...this.#values];
  }

  settle(): void {
    this.#fresh = [];
  }

  take(): readonly Value[] {
    const fresh = this.#fresh.slice(-this.#max);
    this.#fresh = [];
    return fresh;
  }

  #trim(): void {
    const over = this.#values.length - this.#max;
    if (over <= 0) return;
    this.more += over;
    this.#values = this.#values.slice(over);
  }
}
