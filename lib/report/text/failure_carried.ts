/**
 * Failures of what is read, carried, written and kept, as text.
 */
import type { Failure } from "../../core/failure.ts";
import { describeWhole, explainWhole, reasonOf } from "./room_text.ts";

type Carried = Extract<Failure, { kind: "read" | "input" | "keep" | "edge" | "write" | "capture" | "cache" }>;

/** The lines that tell of it. */
export function describeCarried(failure: Carried): readonly string[] {
  switch (failure.kind) {
    case "read":
      return [
        `Cannot read "${failure.path}" for actor "${failure.actor}": ${reasonOf(failure)}`,
        ...explainDevice(failure.path, failure),
      ];
    case "input":
      return [
        `Cannot write input "${failure.port}" of actor "${failure.actor}" into a file: ${
          describeWhole(failure)
        }`,
        ...explainWhole(failure),
      ];
    case "keep":
      return [
        `Cannot keep "${failure.stream}" for those that are spawned later: ${describeWhole(failure)}`,
        ...explainWhole(failure),
      ];
    case "edge":
      return [
        failure.does === "writes"
          ? `Cannot carry what actor "${failure.actor}" writes to ${failure.port}: ${reasonOf(failure)}`
          : `Cannot carry what actor "${failure.actor}" reads from ${failure.port}: ${reasonOf(failure)}`,
        failure.port === "stderr"
          ? "what it has said from then on is not shown"
          : "what depends on it is not whole, and not kept",
      ];
    case "write":
      return [
        `Cannot write ${failure.target === "-" ? "standard output" : `output "${failure.target}"`}: ${
          reasonOf(failure)
        }`,
        ...(failure.errno === "ENOSPC" ? ["the disk is full; the file was not put in place"] : []),
        ...explainDevice(failure.target, failure),
      ];
    case "capture":
      return [
        `Cannot write database "${failure.file}": ${reasonOf(failure)}`,
        "it holds what was written before; the flow goes on without it",
      ];
    case "cache":
      return [
        `Cannot write the cache in "${failure.folder}": ${reasonOf(failure)}`,
        "what the actor wrote is not kept for later runs; the flow went on, and its outputs are whole",
      ];
  }
}

/** Devices are there though there is nothing behind them. */
function explainDevice(path: string, { errno }: { readonly errno: string }): readonly string[] {
  if (errno !== "ENXIO") return [];
  return path === "/dev/tty"
    ? ["this program has no terminal (start it from one, or use a file or standard input and output instead)"]
    : ["there is nothing behind this device (expected one that is connected, or a file)"];
}
