import { redact } from "../../redact";
import type { Buffer } from "../buffer";
import type { Entry } from "../events";
import { make } from "./dom";
import { ROW_PX, VARIABLES } from "./style";
import type { View } from "./view";

/** What a row shows of params, and what is looked at for it: a secret is never cut in two. */
const SHOWN_CHARS = 300;
const READ_CHARS = 4000;

/** A list of events of which only the visible rows exist. */
export interface List {
  element_: HTMLElement;
  /** Number of the chosen event. */
  chosen_: number | undefined;
  /** Draws what is visible; stays at the end if it was there. */
  draw_(next: number): void;
  /** Chooses the event at this place of the view, within its bounds, and brings it into sight, where it stays. */
  choose_(place: number): void;
}

const localTime = (time: string): string => {
  const date = new Date(time);
  return new Date(+date - date.getTimezoneOffset() * 60_000).toISOString().slice(11, 23);
};

/**
 * @param rule - the style rule in which {@link VARIABLES} are set
 * @param chose - is called when the user has chosen an event
 */
export function createList(
  buffer: Buffer,
  view: View,
  rule: CSSStyleRule,
  changed: () => void,
  chose: (number: number) => void,
): List {
  const seen = make("div", { class: "seen", role: "presentation" });
  const element = make(
    "div",
    { class: "list", role: "listbox", "aria-label": "Events", tabindex: "0" },
    make("div", { class: "all", role: "presentation" }, seen),
  );
  let atEnd = true;
  let drawn = "";

  const placeOf = (number: number | undefined) => view.shown_.indexOf(number as number);

  function row(number: number, place: number, next: number): HTMLElement {
    const { time_, kind_, module_, command_, params_ } = buffer.get_(number) as Entry;
    return make(
      "div",
      {
        id: `event-${number}`,
        class: number === next ? "row next" : "row",
        role: "option",
        "aria-selected": String(number === list.chosen_),
        "aria-posinset": String(place + 1),
        "aria-setsize": String(view.shown_.length),
      },
      make("span", { class: "faint" }, localTime(time_)),
      make("span", { class: "name" }, redact(`${module_}/${command_}`)),
      ...(kind_ === "server" ? [] : [make("span", { class: "kind" }, kind_)]),
      make("span", { class: "params" }, redact(params_.slice(0, READ_CHARS)).slice(0, SHOWN_CHARS)),
    );
  }

  const list: List = {
    element_: element,
    chosen_: undefined,
    draw_(next) {
      const gone = view.update_();
      const { length } = view.shown_;
      const { scrollTop, clientHeight } = element;
      rule.style.setProperty(VARIABLES[0], String(length));
      element.scrollTop = atEnd ? length * ROW_PX : scrollTop - gone * ROW_PX;
      const first = Math.floor(element.scrollTop / ROW_PX);
      const numbers = view.shown_.slice(first, first + Math.ceil(clientHeight / ROW_PX) + 1);
      // What is read aloud, or under the mouse, stays while nothing changes.
      const drawing = [numbers, length, first, list.chosen_, next].join();
      if (drawing === drawn) return;
      drawn = drawing;
      rule.style.setProperty(VARIABLES[1], String(first));
      seen.textContent = "";
      seen.append(...numbers.map((number, index) => row(number, first + index, next)));
      element.setAttribute("aria-activedescendant", `event-${list.chosen_}`);
    },
    choose_(place) {
      const at = Math.max(0, Math.min(place, view.shown_.length - 1));
      const number = view.shown_[at];
      if (number === undefined) return;
      list.chosen_ = number;
      atEnd = at === view.shown_.length - 1;
      const { scrollTop, clientHeight } = element;
      element.scrollTop = Math.max(Math.min(scrollTop, at * ROW_PX), (at + 1) * ROW_PX - clientHeight);
      changed();
    },
  };

  element.onscroll = () => {
    atEnd = element.scrollTop + element.clientHeight > element.scrollHeight - ROW_PX;
    changed();
  };
  function choose(place: number): void {
    list.choose_(place);
    if (list.chosen_ !== undefined) chose(list.chosen_);
  }
  // Not on click: rows may be drawn anew before the button is let go.
  element.onmousedown = ({ target }) => {
    const found = (target as Element).closest(".row");
    if (found) choose(placeOf(Number(found.id.slice(6))));
  };
  element.onkeydown = (event) => {
    const page = Math.floor(element.clientHeight / ROW_PX);
    const moves: Record<string, number> = {
      ArrowUp: -1,
      ArrowDown: 1,
      PageUp: -page,
      PageDown: page,
      Home: -Infinity,
      End: Infinity,
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    choose(placeOf(list.chosen_) + move);
  };
  return list;
}
