/**
 * What names look like in a flow file, and how they show in messages.
 */

/** Of an actor, and of a port: no dot, because a dot stands between the two in `actor.port`. */
export const ACTOR_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Of an alias: as of an actor; a leading dot is welcome, as in `.end`. */
export const ALIAS_NAME = /^\.?[A-Za-z_][A-Za-z0-9_-]*$/;

/** Of a parameter: it becomes a part of an environment variable's name. */
export const PARAM_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Of an input port; standard output and error are no inputs. */
export const INPUT_NAME = /^(?!(?:stdout|stderr)$)[A-Za-z_][A-Za-z0-9_-]*$/;

/** Of an extra output port; the three standard ports are there anyway. */
export const OUTPUT_NAME = /^(?!(?:stdin|stdout|stderr)$)[A-Za-z_][A-Za-z0-9_-]*$/;

/** What is expected of the names of actors, ports and aliases. */
export const NAME_RULE = "letters, digits, _ and -, the first one no digit and no -";

/** A key with one of these names is refused: validators pass over them, which would lose the entry silently. */
export const RESERVED_KEYS: readonly string[] = ["__proto__", "constructor", "prototype"];

/** Longest name shown in a message; a file may hold a name of a megabyte. */
const SHOWN_MAX = 200;

/** The name in double quotes, cut when it is very long. */
export function quote(name: string): string {
  return `"${name.length > SHOWN_MAX ? `${name.slice(0, SHOWN_MAX)}…` : name}"`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listNames(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** The variable through which a process learns of something: `SLUICE_IN_LEFT` for input port `left`. */
export function variableName(kind: "PARAM" | "EACH" | "IN" | "OUT", name: string): string {
  return `SLUICE_${kind}_${name.toUpperCase().replaceAll("-", "_")}`;
}
