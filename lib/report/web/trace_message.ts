/**
 * The way of a message through the actors: all steps that belong together by their ids.
 */
import type { PageMessage } from "./page_run.ts";

/** All steps of messages that lead to or come from the one with this id, oldest first. */
export function traceMessage(messages: readonly PageMessage[], id: string): readonly PageMessage[] {
  const partners = new Map<string, Set<string>>();
  const join = (a: string, b: string): void =>
    void (partners.get(a) ?? partners.set(a, new Set()).get(a))?.add(b);
  for (const { id, correlationId } of messages) {
    if (correlationId === undefined || correlationId === "") continue;
    join(id, correlationId);
    join(correlationId, id);
  }
  const found = new Set([id]);
  for (const each of found) for (const partner of partners.get(each) ?? []) found.add(partner);
  return messages.filter((message) =>
    found.has(message.id) || message.correlationId !== undefined && found.has(message.correlationId)
  );
}
