/**
 * The instances of a keyed actor that live in one host process.
 *
 *   (none) ──first message: Activate──▶ active ──idle: Deactivate──▶ leaving ──acknowledged──▶ (none)
 *                                                                       └── messages for it are kept until then
 */
import type { Mail } from "../mail/mail.ts";

export type Instance =
  | { readonly state: "active"; lastAt: number; lastNumber: number }
  | { readonly state: "leaving"; readonly kept: Mail[] };

export class Instances {
  readonly #byKey = new Map<string, Instance>();
  #leaving = 0;

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): Instance | undefined {
    return this.#byKey.get(key);
  }

  activate(key: string, { now, number }: { readonly now: number; readonly number: number }): void {
    this.#byKey.set(key, { state: "active", lastAt: now, lastNumber: number });
  }

  /** Begins to passivate an instance. */
  leave(key: string): void {
    this.#byKey.set(key, { state: "leaving", kept: [] });
    this.#leaving += 1;
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

  /** Those that are being passivated. */
  get leaving(): readonly string[] {
    if (this.#leaving === 0) return [];
    return [...this.#byKey].flatMap(([key, { state }]) => state === "leaving" ? key : []);
  }

  /** True while one of them is being passivated. */
  get isLeaving(): boolean {
    return this.#leaving > 0;
  }
}
