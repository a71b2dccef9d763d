// What the type declarations of a bundle have, and all that these need: generator/bxpull/declarations.py puts them
// together from the sources.

export type { PullOptions } from "../pull/options";
export type { Bx } from "./bx";
export type { PullError, PullErrorCode } from "./errors";
export type { EventArgs, EventExtra, EventHandler, EventName } from "./events";
