/**
 * What a flow cannot be that is used for each record of a stream. It is told at the actor that uses it.
 */
import type { Actor, FlowOutput } from "../../core/flow.ts";
import { isSplit, streamKey, streamName } from "../../core/flow.ts";
import { groupOf } from "../../core/instance.ts";
import { MEMBER_INSTANCES_MAX } from "../../core/limits/sets.ts";
import type { CheckContext } from "../check/check_context.ts";
import { quote } from "../schema/names.ts";
import type { RecordUse } from "./record_uses.ts";

/** Reports the first thing for which a flow cannot be used for each record. */
export function checkRecordUse(
  name: string,
  { use, check }: {
    readonly use: RecordUse & { readonly retry: unknown };
    readonly check: CheckContext;
  },
): void {
  const reason = whyNot(use);
  if (reason === undefined) return;
  const message = `Cannot use ${quote(use.text.file)} as actor ${
    quote(groupOf(name))
  } for each record of set ${quote(use.stream.set)}: ${reason}`;
  check.report({ path: ["actors", groupOf(name), "use"], message });
}

function whyNot(use: RecordUse): string | undefined {
  const { flow, inputs } = use;
  const open = new Set(inputs.values());
  const actors = [...flow.actors.values()].filter((actor) => !open.has(actor.name));
  if (actors.length > MEMBER_INSTANCES_MAX) {
    return `all of its ${actors.length} actors run together for a record (expected at most ${MEMBER_INSTANCES_MAX})`;
  }
  for (const actor of actors) {
    const reason = whyNotActor(actor);
    if (reason !== undefined) return `its actor ${quote(groupOf(actor.name))} ${reason}`;
  }
  for (const [port, streams] of use.ports) {
    const passed = streams.find(({ actor }) => open.has(actor));
    if (passed === undefined) continue;
    return `its port ${quote(port)} is its input ${
      quote(passed.actor)
    } (expected what an actor of it writes)`;
  }
  return whyNotFiles(use, open);
}

function whyNotActor(actor: Actor): string | undefined {
  const { unit, workers, members, isKept, source } = actor;
  if (isSplit(actor)) return `splits what it reads (expected a "split" outside, and its keys for a set)`;
  if (workers !== undefined) {
    return `has workers, and each record has processes of its own (expected it without)`;
  }
  if (members !== undefined) {
    return `is over the records of a stream itself (expected "run": ["sluice", FLOW] instead of "use")`;
  }
  if (isKept === true) return `has "keep", and what has ended is forgotten (expected it without)`;
  if (unit !== undefined) {
    return `is in ${
      quote(groupOf(unit.name))
    }, which is run again as a whole (expected "retry" at the actors inside)`;
  }
  if (source.kind === "value" && source.bytes.includes(0)) {
    return `is a value with a NUL character (expected none)`;
  }
  return undefined;
}

/** Each record has files of its own. */
function whyNotFiles({ flow, open }: RecordUse, inputs: ReadonlySet<string>): string | undefined {
  const files = new Map<string, FlowOutput>();
  for (const output of flow.outputs.filter(({ target }) => target !== "-")) {
    const { key = output.target, streams: [stream] } = output;
    if (stream === undefined) continue;
    if (inputs.has(stream.actor)) {
      return `what it writes to ${quote(key)} is its input ${
        quote(stream.actor)
      } (expected what an actor of it writes)`;
    }
    if (output.key !== undefined && ![...open].some((param) => key.includes(`{param.${param}}`))) {
      return `it would write ${
        quote(key)
      } for each of them (expected a parameter in the name that is another one for each record)`;
    }
    const other = files.get(streamKey(stream));
    if (other !== undefined) {
      return `what it writes to ${quote(key)}, ${quote(streamName(stream))}, goes into ${
        quote(other.key ?? other.target)
      } already (expected one file for each)`;
    }
    files.set(streamKey(stream), output);
  }
  return undefined;
}

/** On one input a process reads of its own member, or what all members read: both are not put together for each. */
export function checkInputsOfUse(
  actors: ReadonlyMap<string, Actor>,
  { box, set, check }: { readonly box: string; readonly set: string; readonly check: CheckContext },
): void {
  for (const { name, inputs, members } of actors.values()) {
    if (!name.startsWith(`${box}/`)) continue;
    for (const port of inputs) {
      const isOfKey = (actor: string): boolean => actor === members?.keysOf;
      const own = port.streams.filter(({ actor }) => actors.get(actor)?.members?.set === set);
      const isMixed = own.length > 0 && own.length < port.streams.length;
      const isKeyed = port.streams.length > 1 && port.streams.some(({ actor }) => isOfKey(actor));
      if (!isMixed && !isKeyed) continue;
      const message = `Cannot join streams on input ${quote(port.name)} of actor ${
        quote(groupOf(name))
      }: some of them are of its own record of set ${
        quote(set)
      }, and others are not (expected an input of its own for each)`;
      return check.report({ path: ["actors", groupOf(box), "in"], message });
    }
  }
}
