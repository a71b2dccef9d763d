import type { Buffer } from "../buffer";
import type { Entry } from "../events";

/** The events that a text filter leaves, kept up to date without looking at old ones again. */
export interface View {
  /** Their numbers, in order. */
  shown_: readonly number[];
  /** Begins anew with a filter: words that all have to occur in module/command or params, in any case. */
  setFilter_(text: string): void;
  /** Looks at what is new; returns how many of the shown ones are gone from the beginning. */
  update_(): number;
}

export function createView(buffer: Buffer): View {
  let words: string[] = [];
  let checked = 0;
  let shown: number[] = [];

  function matches({ module_, command_, params_ }: Entry): boolean {
    const text = `${module_}/${command_} ${params_}`.toLowerCase();
    return words.every((word) => text.includes(word));
  }

  const view: View = {
    shown_: shown,
    setFilter_(text) {
      words = text.toLowerCase().split(/\s+/).filter(Boolean);
      checked = 0;
      view.shown_ = shown = [];
    },
    update_() {
      const { first_: first } = buffer;
      const kept = shown.findIndex((number) => number >= first);
      const gone = kept < 0 ? shown.length : kept;
      if (gone) shown.splice(0, gone);
      for (checked = Math.max(checked, first); checked < first + buffer.size_; checked++) {
        if (!words[0] || matches(buffer.get_(checked) as Entry)) shown.push(checked);
      }
      return gone;
    },
  };
  return view;
}
