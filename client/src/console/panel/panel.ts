import type { Win } from "../../bx/types";
import { quietly } from "../../quietly";
import { redact } from "../../redact";
import type { ConsoleParts } from "../create";
import { shownEvent } from "../events";
import type { PageBx } from "../handlers";
import { connectionOf } from "./connection";
import { button, make } from "./dom";
import { createList } from "./list";
import { STYLE } from "./style";
import { createView } from "./view";

/** How often the connection is looked at. */
const LOOK_MS = 1000;

/**
 * Fills the panel.
 *
 * @param root - where it goes
 * @returns the function that ends its listeners and timers
 */
export function createPanel(root: ShadowRoot, win: Win, BX: PageBx, parts: ConsoleParts): () => void {
  const { api_: api, buffer_: buffer, player_: player, recorder_: recorder, watchers_: watchers } = parts;
  const sheet = new win.CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  // There may be none, a portal's own client may fail to tell, and what it tells may be no JSON.
  const info = () => quietly(() => (BX as Required<PageBx>).PULL.getDebugInfo());
  const details = make("pre", { tabindex: "0", role: "region", "aria-label": "Details" });
  const show = (value: unknown) => {
    details.textContent = JSON.stringify(value, null, 2);
    details.scrollTop = 0;
  };

  let drawing = false;
  const changed = () => {
    if (drawing) return;
    drawing = true;
    win.requestAnimationFrame(draw);
  };
  const view = createView(buffer);
  const list = createList(buffer, view, sheet.cssRules[0] as CSSStyleRule, changed, (number) => {
    player.next_ = number;
    showEvent(number);
  });
  function showEvent(number: number | undefined): void {
    const entry = buffer.get_(number as number);
    if (entry) show(shownEvent(entry));
  }

  const problem = make("p", { class: "alert", role: "alert" });
  const tell = (text = "") => {
    problem.textContent = text;
    problem.hidden = !text;
  };
  const state = button("", "Show the debug info", () => show(quietly(() => redact(Object(info())))));
  const count = make("span", { class: "count" });
  const empty = make("p", { class: "empty" });
  list.element_.append(empty);
  const filter = make("input", {
    type: "search",
    placeholder: "Filter: im/message 42",
    "aria-label": "Filter: words that occur in module/command or params",
  });
  filter.oninput = () => {
    view.setFilter_(filter.value);
    changed();
  };
  const record = button("", "Capture events, or pause", () => {
    if (recorder.isRunning_()) api.pause(!recorder.isPaused_);
    else api.start();
  });
  const speed = make("select", { "aria-label": "Speed of the replay" });
  for (const [name, value] of [
    ["at once", "Infinity"],
    ["10 ×", "10"],
    ["1 ×", "1"],
  ] as const) {
    speed.append(make("option", { value }, name));
  }
  /** Those from the marked event on. */
  const rest = () => view.shown_.filter((number) => number >= player.next_);
  const step = button("Step", "Hand the marked event to the page's handlers again", () => {
    const number = rest().find((each) => player.give_(each));
    if (number === undefined) return;
    list.choose_(view.shown_.indexOf(number));
    showEvent(number);
  });
  const replay = button("", "The same with all from the marked event on", () => {
    if (player.isPlaying_()) player.halt_();
    else player.play_(rest().length ? rest() : view.shown_.slice(), Number(speed.value));
    changed();
  });
  const file = make("input", { type: "file", accept: ".jsonl,.json,.txt", hidden: "" });
  file.onchange = async () => {
    tell();
    try {
      // One, or none.
      for (const chosen of file.files as FileList) api.load(await chosen.text());
      view.update_();
      list.choose_(0);
      showEvent(list.chosen_);
    } catch (error) {
      tell((error as Error).message);
    }
    file.value = "";
  };

  function draw(): void {
    drawing = false;
    const { text_: text, level_: level } = connectionOf(info());
    state.textContent = text;
    state.className = `state ${level}`;
    const isRecording = recorder.isRunning_() && !recorder.isPaused_;
    record.textContent = isRecording ? "Pause" : recorder.isRunning_() ? "Resume" : "Record";
    record.className = isRecording ? "record on" : "record";
    replay.textContent = player.isPlaying_() ? "Halt" : "Replay";
    list.draw_(player.next_);
    const { length } = view.shown_;
    count.textContent = filter.value ? `${length} of ${buffer.size_}` : `${length} events`;
    empty.hidden = !!length;
    empty.textContent = buffer.size_
      ? "No event has these words."
      : isRecording
        ? "Waiting for events."
        : "Nothing captured: record, or load a file.";
  }

  tell();
  root.replaceChildren(
    make(
      "section",
      { "aria-label": "Pull console" },
      make(
        "header",
        {},
        make("h2", {}, "Pull console"),
        state,
        filter,
        count,
        make(
          "div",
          { class: "group" },
          record,
          button("Clear", "Forget all events", () => {
            api.clear();
            details.textContent = "";
          }),
          step,
          replay,
          speed,
          button("Save", "Save all events as a file, without secrets", () => api.download()),
          button("Load", "Load a file in their place", () => file.click()),
          file,
          button("Close", "Close the panel; capturing goes on", () => api.hide()),
        ),
      ),
      problem,
      make("div", { class: "body" }, list.element_, details),
    ),
  );
  // Nor do the page's shortcuts hear what is typed here.
  for (const type of ["keydown", "keyup", "keypress"])
    root.addEventListener(type, (event) => event.stopPropagation());
  watchers.add(changed);
  const timer = win.setInterval(changed, LOOK_MS);
  const sized = new win.ResizeObserver(changed);
  sized.observe(list.element_);
  changed();
  return () => {
    watchers.delete(changed);
    win.clearInterval(timer);
    sized.disconnect();
  };
}
