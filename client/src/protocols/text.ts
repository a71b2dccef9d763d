import { decodeText } from "../codec/text";
import type { Protocol } from "./types";

/** Text frames: server versions 1 to 3, and 4 where nothing better is in the bundle. */
export const text: Protocol = ({ warn_: warn }) => ({
  mode_: "text",
  receive_: (frame, envelopes) => decodeText(frame, envelopes, warn),
  onOpen_() {},
  onClose_() {},
  methods_: {},
});
