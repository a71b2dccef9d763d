import { toEvent, toId } from "./event";
import { parseJson } from "./json";
import { AT_ONCE, type Decode } from "./types";

const START = "#!NGINXNMS!#";
const END = "#!NGINXNME!#";

/**
 * Work on a record that may hold raw markers before it counts as damaged: a start marker costs 1, an end marker
 * 9 more, since the text up to it is parsed.
 */
const MAX_WORK = 40;

// biome-ignore lint/suspicious/noControlCharactersInRegex: raw control characters are what it looks for
const CONTROL = /[\u0000-\u001f]/g;

/** Also what some servers leave raw control characters in, within strings. */
const parse = (json: string): unknown =>
  // The quotes that JSON.stringify() puts around a character are not wanted.
  parseJson(json) || parseJson(json.replace(CONTROL, (char) => JSON.stringify(char).slice(1, -1)));

/** Reads text frames: docs/protocol.md, Subscribing. */
export const decodeText: Decode = (frame, envelopes, warn) => {
  const all = String(frame);
  // Most frames are of one record: splitting those would take longer than reading them.
  const pieces =
    !all.indexOf(START) && all.indexOf(START, 1) < 0 ? ["", all.slice(START.length)] : all.split(START);
  let index = 1;
  return () => {
    let left = AT_ONCE;
    do {
      let event = null;
      // A record's text may hold raw start markers: then its pieces belong together.
      let text = "";
      for (let last = index, work = 0; last < pieces.length && work < MAX_WORK; last++, work++) {
        const piece = pieces[last] as string;
        const end = piece.lastIndexOf(END);
        text = text ? text + START + piece : piece;
        if (end < 0) continue;
        work += 9;
        const record = parse(text.slice(0, end + text.length - piece.length));
        if (record) {
          const { mid, tag, time, text: body } = record as Record<string, unknown>;
          event = toEvent(body);
          envelopes.push({ mid: toId(mid), tag, time, event_: event });
          index = last;
          break;
        }
      }
      if (!event) warn(`message ${index} of a frame cannot be read`);
      left -= text.length + 1;
    } while (++index < pieces.length && left > 0);
    return index < pieces.length;
  };
};
