/**
 * Which view is looked at.
 */
import { useRef } from "preact/hooks";
import type { View } from "./page_state.ts";
import { VIEWS } from "./page_state.ts";

export interface TabsProps {
  readonly names: Readonly<Record<View, string>>;
  readonly chosen: View;
  readonly choose: (view: View) => void;
}

export function Tabs({ names, chosen, choose }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? VIEWS.length - 1 : 0;
    const next = VIEWS[(VIEWS.indexOf(chosen) + step) % VIEWS.length];
    if (step === 0 || next === undefined) return;
    choose(next);
    list.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
    event.preventDefault();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Views" ref={list} onKeyDown={onKey}>
      {VIEWS.map((view) => (
        <button
          key={view}
          type="button"
          role="tab"
          id={`tab-${view}`}
          aria-selected={view === chosen}
          aria-controls="view"
          tabIndex={view === chosen ? 0 : -1}
          onClick={() => choose(view)}
        >
          {names[view]}
        </button>
      ))}
    </div>
  );
}
