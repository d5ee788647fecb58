/**
 * The instances of a keyed actor that live in one host process.
 *
 *   (none) ──first message: Activate──▶ active ──idle: Deactivate──▶ leaving ──acknowledged──▶ (none)
 *                                        │                              └── messages for it are kept until then
 *                                        └──too many, and the process tells nothing──▶ settled: that it is there
 */
import { KeySet } from "../../data/key_set.ts";
import type { Mail } from "../mail/mail.ts";

export interface ActiveInstance {
  readonly state: "active";
  lastAt: number;
  lastNumber: number;
  /** It has got another message since it was looked at. */
  isUsed: boolean;
}

export type KeyedInstance =
  | ActiveInstance
  | { readonly state: "leaving"; readonly kept: Mail[] }
  | { readonly state: "settled" };

const SETTLED: KeyedInstance = { state: "settled" };

export class Instances {
  /** Those that were looked at least of late come first. */
  readonly #byKey = new Map<string, Exclude<KeyedInstance, { readonly state: "settled" }>>();
  readonly #settled = new KeySet();
  #leaving = 0;

  get size(): number {
    return this.#byKey.size + this.#settled.size;
  }

  /** Those of which something is known. */
  get known(): number {
    return this.#byKey.size;
  }

  get(key: string): KeyedInstance | undefined {
    return this.#byKey.get(key) ?? (this.#settled.has(key) ? SETTLED : undefined);
  }

  activate(key: string, { now, number }: { readonly now: number; readonly number: number }): void {
    this.#byKey.set(key, { state: "active", lastAt: now, lastNumber: number, isUsed: false });
  }

  /** Begins to passivate an instance. */
  leave(key: string): void {
    this.#byKey.delete(key);
    this.#byKey.set(key, { state: "leaving", kept: [] });
    this.#leaving += 1;
  }

  /** It stays, and nothing more has to be known of it. */
  settle(key: string): void {
    this.#byKey.delete(key);
    this.#settled.add(key);
  }

  /** It is gone: what came for it meanwhile is left. */
  remove(key: string): readonly Mail[] {
    const instance = this.#byKey.get(key);
    this.#byKey.delete(key);
    if (instance?.state !== "leaving") return [];
    this.#leaving -= 1;
    return instance.kept;
  }

  /** The process has ended: all instances are gone. */
  clear(): readonly Mail[] {
    const kept = [...this.#byKey.values()].flatMap((instance) =>
      instance.state === "leaving" ? instance.kept : []
    );
    this.#byKey.clear();
    this.#settled.clear();
    this.#leaving = 0;
    return kept;
  }

  /** Those that got nothing since a time. */
  idleSince(at: number): readonly { readonly key: string; readonly lastNumber: number }[] {
    const idle: { key: string; lastNumber: number }[] = [];
    for (const [key, instance] of this.#byKey) {
      if (instance.state === "active" && instance.lastAt <= at) {
        idle.push({ key, lastNumber: instance.lastNumber });
      }
    }
    return idle;
  }

  /** Of the first `count`, those that got nothing since they were looked at; all of them are looked at last from now on. */
  unused(count: number): readonly { readonly key: string; readonly lastNumber: number }[] {
    const found: { key: string; lastNumber: number }[] = [];
    let looked = 0;
    for (const [key, instance] of this.#byKey) {
      if (looked++ === count) break;
      this.#byKey.delete(key);
      this.#byKey.set(key, instance);
      if (instance.state !== "active") continue;
      if (!instance.isUsed) found.push({ key, lastNumber: instance.lastNumber });
      instance.isUsed = false;
    }
    return found;
  }

  /** Those that are being passivated. */
  get leaving(): readonly string[] {
    if (this.#leaving === 0) return [];
    return [...this.#byKey].flatMap(([key, { state }]) => state === "leaving" ? key : []);
  }

  /** True while one of them is being passivated. */
  get isLeaving(): boolean {
    return this.#leaving > 0;
  }

  /** How many are being passivated. */
  get leavingCount(): number {
    return this.#leaving;
  }
}
