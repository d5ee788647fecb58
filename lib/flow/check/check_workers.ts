/**
 * The workers of an actor. The schema has seen to the form.
 */
import type { KeyRule, Workers } from "../../core/flow.ts";
import type { CheckContext } from "./check_context.ts";
import { checkSize } from "./check_size.ts";
import type { ActorFile } from "../schema/actor_schema.ts";

export interface Place {
  /** Of the key `workers`. */
  readonly path: readonly string[];
  readonly check: CheckContext;
}

/** The workers; undefined for none. What is wrong is reported. */
export function checkWorkers(workers: ActorFile["workers"], place: Place): Workers | undefined {
  if (workers === undefined) return undefined;
  if (typeof workers === "number") {
    if (workers === 1) return undefined; // As without.
    return { count: workers, spread: { kind: "blocks" }, order: "input", headerLines: 0 };
  }
  const { count, by, key, order, block, header = 0 } = workers;
  const rule = key === undefined ? undefined : checkKey(key, place);
  if (by === "key" && key === undefined) {
    report(place, [], 'Cannot spread by "key": there is no key (expected a "key" such as "/user" or 2)');
  }
  if (by === "round-robin" && key !== undefined) {
    report(place, ["key"], 'Cannot use "key": lines go round-robin (expected "by": "key")');
  }
  const isByKey = key !== undefined;
  if (isByKey && order === "input") {
    report(
      place,
      ["order"],
      'Cannot keep the order of the input: lines are spread by key (expected "any", or none)',
    );
  }
  if (block !== undefined && isByKey) {
    report(
      place,
      ["block"],
      'Cannot use "block": lines are spread by key (expected it with round-robin only)',
    );
  }
  const bytes = checkSize(block, {
    path: [...place.path, "block"],
    check: place.check,
    whyNotZero: "there are no blocks of nothing",
  });
  return {
    count,
    spread: rule === undefined
      ? { kind: "blocks", ...(bytes === undefined ? {} : { bytes }) }
      : { kind: "lanes", key: rule },
    order: order ?? "input",
    headerLines: header,
  };
}

/** Where a key is. `place` is of the key that holds it. */
export function checkKey(key: string | number | object, place: Place): KeyRule {
  if (typeof key === "number") return { kind: "column", column: key };
  if (typeof key === "string") return { kind: "pointer", path: parsePointer(key) };
  if ("column" in key && typeof key.column === "number") {
    const separator = "separator" in key && typeof key.separator === "string" ? key.separator : undefined;
    return { kind: "column", column: key.column, ...(separator === undefined ? {} : { separator }) };
  }
  const pattern = "pattern" in key && typeof key.pattern === "string" ? key.pattern : "";
  try {
    new RegExp(pattern, "u");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report(place, ["key", "pattern"], `Cannot read "pattern": ${reason}`);
  }
  return { kind: "pattern", pattern };
}

/** Splits a JSON pointer (RFC 6901): `/a/b~1c` is `a`, `b/c`. */
function parsePointer(pointer: string): readonly string[] {
  return pointer.split("/").slice(1).map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function report({ path, check }: Place, key: readonly string[], message: string): void {
  check.report({ path: [...path, ...key], message });
}
