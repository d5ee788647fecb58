/**
 * The members of a range of numbers.
 */
import { SET_MEMBERS_MAX } from "../../core/limits/sets.ts";
import { type RawSet, toRawMember } from "./member.ts";

/** Numbers from one to the other, both in it; or why there are none. */
export function listRange(range: readonly number[]): RawSet | string {
  const [from = 0, to = 0, step = 1] = range;
  if (step === 0) return "its step is 0 (expected another number)";
  if ((to - from) * step < 0) {
    return `no step of ${step} leads from ${from} to ${to} (expected such as [${from}, ${to}, ${-step}])`;
  }
  // Half a thousandth of a step: what fractions lose must not lose the last one.
  const count = Math.floor((to - from) / step + 0.0005) + 1;
  if (count > SET_MEMBERS_MAX) return `it has ${count} numbers (expected at most ${SET_MEMBERS_MAX})`;
  const digits = Math.max(...[from, to, step].map(countDigits));
  const members = Array.from({ length: count }, (_, index) => {
    const value = Number((from + index * step).toFixed(digits));
    return toRawMember(value, `number ${value}`);
  });
  return { members, fields: [] };
}

/** Behind the decimal point; 0.1 + 0.2 is no number that anybody wrote. */
function countDigits(number: number): number {
  const [, digits = "", exponent = "0"] = /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(number)) ?? [];
  return Math.min(100, Math.max(0, digits.length - Number(exponent)));
}
