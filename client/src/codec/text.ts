import { toEvent } from "./event";
import type { Codec, Envelope } from "./types";

const START = "#!NGINXNMS!#";
const END = "#!NGINXNME!#";
const MARKER = START.length;

/** How many frame borders a record may hold as raw text before it counts as damaged; bounds the work on garbage. */
const MAX_INNER_BORDERS = 4;

// biome-ignore lint/suspicious/noControlCharactersInRegex: raw control characters are what it looks for
const CONTROL = /[\u0000-\u001f]/g;
const JSON_STRING = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/g;

/** JSON.parse, and once more with raw control characters in strings escaped, as some servers leave them. */
function parse(json: string, repair: boolean): unknown {
  try {
    return JSON.parse(json);
  } catch {
    if (!repair || json.search(CONTROL) < 0) return undefined;
    const escaped = json.replace(JSON_STRING, (text) =>
      text.replace(CONTROL, (char) => `\\u00${char.charCodeAt(0).toString(16).padStart(2, "0")}`),
    );
    return parse(escaped, false);
  }
}

interface Found {
  record: unknown;
  end: number;
}

/**
 * The record that begins at `from`. Its text may hold a raw end marker, so each end marker is tried in
 * turn, as far as a border that looks like the real one, and a few beyond it.
 */
function findRecord(data: string, from: number): Found | null {
  let borders = 0;
  for (let end = data.indexOf(END, from); end >= 0; end = data.indexOf(END, end + 1)) {
    const next = end + MARKER;
    const border = next === data.length || data.startsWith(START, next);
    const record = parse(data.slice(from, end), border);
    if (record !== undefined) return { record, end: next };
    if (border && ++borders > MAX_INNER_BORDERS) break;
  }
  return null;
}

const text = (value: unknown): string => (value === undefined || value === null ? "" : String(value));

function toEnvelope(record: unknown): Envelope {
  const fields = (typeof record === "object" && record !== null ? record : {}) as Record<string, unknown>;
  const envelope: Envelope = { mid: text(fields.mid), event: toEvent(fields.text) };
  if (fields.tag !== undefined) envelope.tag = text(fields.tag);
  if (fields.time !== undefined) envelope.time = text(fields.time);
  return envelope;
}

/** Text frames, protocol.md §6: server versions 1 to 3, and any server asked for nothing else. */
export const textCodec: Codec = {
  mode: "text",
  query: {},
  decode(data, warn) {
    const envelopes: Envelope[] = [];
    if (typeof data !== "string") {
      warn(`a binary frame of ${data.byteLength} bytes came where text was expected; skipped`);
      return envelopes;
    }
    let at = data.indexOf(START);
    if (at < 0) warn(`a frame of ${data.length} characters holds no message; skipped`);
    while (at >= 0) {
      const found = findRecord(data, at + MARKER);
      const envelope = found && toEnvelope(found.record);
      if (!envelope?.event) warn(`a message at position ${at} of ${data.length} cannot be read; skipped`);
      if (envelope) envelopes.push(envelope);
      at = data.indexOf(START, found ? found.end : at + MARKER);
    }
    return envelopes;
  },
};
