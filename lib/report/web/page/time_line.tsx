/**
 * A bar for each actor: when it worked, and when it waited for whom. Only the rows that are seen are drawn.
 */
import { useMemo, useRef, useState } from "preact/hooks";
import { formatDuration } from "../../text/format_duration.ts";
import { makeOneLine } from "../../text/make_harmless.ts";
import { isByKeyboard } from "./by_keyboard.ts";
import { fitText } from "./fit_text.ts";
import type { PageState, Store } from "./page_state.ts";
import type { Palette } from "./palette.ts";
import { piecesByActor, stretchesOf, ticksOf, timeActors } from "./time_rows.ts";
import type { Stretch } from "./time_rows.ts";
import type { Frame } from "./use_canvas.ts";
import { useCanvas } from "./use_canvas.ts";

const ROW = 22;
const HEAD = 24;

export function TimeLine({ store, state }: { store: Store; state: PageState }) {
  const { run, search, selected } = state;
  const scroller = useRef<HTMLDivElement>(null);
  const actors = useMemo(() => timeActors(run, search), [run.actors, search]);
  const pieces = useMemo(() => piecesByActor(run.pieces), [run.pieces]);
  const [active, setActive] = useState(-1);
  const [told, setTold] = useState("");
  const since = run.run.startedAt;
  const at = run.run.endedAt ?? run.run.at;
  const length = Math.max(100, at - since);
  const chosen = selected?.kind === "actor" ? selected.name : undefined;

  const canvas = useCanvas(({ context, size, palette, ratio }: Frame) => {
    const left = labelWidth(size.width);
    const perMs = (size.width - left - 12) / length;
    const top = scroller.current?.scrollTop ?? 0;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    context.textBaseline = "middle";
    const ticks = ticksOf(length, size.width - left);
    for (const tick of ticks) {
      context.fillStyle = palette.line;
      context.fillRect(left + tick * perMs, 0, 1, size.height);
    }
    const first = Math.max(0, Math.floor(top / ROW));
    const last = Math.min(actors.length, Math.ceil((top + size.height) / ROW));
    for (let row = first; row < last; row += 1) {
      const actor = actors[row];
      if (actor === undefined) continue;
      const y = HEAD + row * ROW - top;
      if (actor.name === chosen || row === active) {
        context.fillStyle = palette.line;
        context.fillRect(0, y, size.width, ROW);
      }
      context.font = `${actor.name === chosen ? "600 " : ""}12px ${palette.font}`;
      context.fillStyle = palette.text;
      context.fillText(fitText(context, makeOneLine(actor.name), left - 20), 10, y + ROW / 2);
      for (const stretch of stretchesOf(actor, pieces.get(actor.name) ?? [], at)) {
        const from = left + (stretch.from - since) * perMs;
        const width = Math.max(1, (stretch.to - stretch.from) * perMs);
        drawStretch(context, palette, {
          stretch,
          x: from,
          y: y + 4,
          width,
          hasFailed: actor.state === "failed",
        });
      }
    }
    context.fillStyle = palette.ground;
    context.fillRect(0, 0, size.width, HEAD);
    context.font = `11px ${palette.font}`;
    context.fillStyle = palette.soft;
    for (const tick of ticks) {
      const x = left + tick * perMs;
      if (x + 44 < size.width) context.fillText(tick === 0 ? "0" : formatDuration(tick), x + 4, HEAD / 2);
    }
  });

  const rowAt = (event: MouseEvent): number =>
    Math.floor((event.offsetY - HEAD + (scroller.current?.scrollTop ?? 0)) / ROW);
  const choose = (row: number): void => {
    const actor = actors[row];
    if (actor !== undefined) store.select({ kind: "actor", name: actor.name });
  };
  const go = (row: number): void => {
    const to = Math.max(0, Math.min(actors.length - 1, row));
    setActive(to);
    const list = scroller.current;
    if (list === null) return;
    if (to * ROW < list.scrollTop) list.scrollTop = to * ROW;
    const room = list.clientHeight - HEAD - ROW;
    if (to * ROW > list.scrollTop + room) list.scrollTop = to * ROW - room;
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") go(active + 1);
    else if (event.key === "ArrowUp") go(active - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(actors.length - 1);
    else if (event.key === "Enter" || event.key === " ") choose(active);
    else return;
    event.preventDefault();
  };
  const describe = (event: MouseEvent): void => {
    const width = canvas.size().width;
    const left = labelWidth(width);
    const moment = since + (event.offsetX - left) / (width - left - 12) * length;
    const actor = actors[rowAt(event)];
    const stretch = actor === undefined
      ? undefined
      : stretchesOf(actor, pieces.get(actor.name) ?? [], at).find(({ from, to }) =>
        moment >= from && moment <= to
      );
    setTold(actor === undefined || stretch === undefined ? "" : `${actor.name} ${stretchText(stretch)}`);
  };
  const activeActor = actors[active];

  return (
    <div class="time">
      <div
        class="scroller"
        ref={scroller}
        tabIndex={0}
        role="application"
        aria-roledescription="time line"
        aria-label={`Time line of ${actors.length} actors, ${formatDuration(length)}`}
        aria-activedescendant={activeActor === undefined ? undefined : "time-active"}
        onKeyDown={onKey}
        onFocus={(event) => active < 0 && isByKeyboard(event) && go(firstRow(scroller.current))}
        onBlur={() => setActive(-1)}
        onScroll={canvas.redraw}
      >
        <div style={{ height: `${HEAD + actors.length * ROW + 8}px` }}>
          <canvas
            ref={canvas.ref}
            aria-hidden="true"
            onClick={(event) => choose(rowAt(event))}
            onMouseMove={describe}
            onMouseLeave={() => setTold("")}
          />
        </div>
      </div>
      <p class="told">
        {told !== "" ? told : (
          <>
            <span class="sign tone-works" aria-hidden="true">■</span> works{" "}
            <span class="sign tone-reads" aria-hidden="true">■</span> waits to read{" "}
            <span class="sign tone-full" aria-hidden="true">■</span> waits to write
          </>
        )}
      </p>
      <div id="time-active" class="aside" aria-live="polite">
        {activeActor === undefined
          ? ""
          : summaryOf(activeActor.name, stretchesOf(activeActor, pieces.get(activeActor.name) ?? [], at))}
      </div>
    </div>
  );
}

/** The first that is seen as a whole. */
function firstRow(list: HTMLElement | null): number {
  return Math.ceil((list?.scrollTop ?? 0) / ROW);
}

function labelWidth(width: number): number {
  return Math.min(180, Math.max(90, width * 0.22));
}

function stretchText({ does, waitsFor, from, to }: Stretch): string {
  const whom = waitsFor === undefined ? "" : ` ${waitsFor}`;
  const what = does === "read"
    ? `waits to read from${whom}`
    : does === "write"
    ? `waits to write to${whom}`
    : does === "works"
    ? "works"
    : does === "rest"
    ? "rests before another try"
    : "is paused";
  return `${what}, ${formatDuration(to - from)}`;
}

function summaryOf(name: string, stretches: readonly Stretch[]): string {
  const sum = (does: Stretch["does"]): string =>
    formatDuration(
      stretches.filter((each) => each.does === does).reduce((ms, { from, to }) => ms + to - from, 0),
    );
  return `${name}: worked ${sum("works")}, waited ${sum("read")} to read and ${sum("write")} to write`;
}

interface Drawn {
  readonly stretch: Stretch;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly hasFailed: boolean;
}

function drawStretch(
  context: CanvasRenderingContext2D,
  { tones, text }: Palette,
  { stretch: { does, waitsFor }, x, y, width, hasFailed }: Drawn,
): void {
  const height = ROW - 8;
  context.fillStyle = does === "works"
    ? hasFailed ? tones.failed : tones.works
    : does === "read"
    ? tones.reads
    : does === "write"
    ? tones.full
    : does === "paused"
    ? tones.paused
    : tones.idle;
  if (does === "works") return context.fillRect(x, y, width, height);
  // What waits is pale, with a line below: it is told by its shape, too.
  context.globalAlpha = 0.22;
  context.fillRect(x, y, width, height);
  context.globalAlpha = 1;
  context.fillRect(x, y + height - 3, width, 3);
  if (waitsFor === undefined || width < 50) return;
  context.font = "10px system-ui, sans-serif";
  context.fillStyle = text;
  context.fillText(fitText(context, makeOneLine(waitsFor), width - 8), x + 4, y + height / 2 - 1);
}
