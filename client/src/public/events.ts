import type { Gap } from "../pull/session";
import type { Status } from "./constants";

/** What nothing is known of. */
// biome-ignore lint/suspicious/noExplicitAny: page code takes it for what it expects.
export type Anything = any;

/** What comes with an event besides its `params`. */
export interface EventExtra {
  /** When the server made the event, ISO 8601. */
  server_time?: string;
  /** The same, seconds since 1970. */
  server_time_unix?: number;
  /** Age of the event by the server's clock, seconds; there if `server_time_unix` is. */
  server_time_ago?: number;
  server_name?: string;
  revision_web?: number;
  revision_mobile?: number;
  /** Who published: type 1 is a page, 2 a back end, 0 unknown; missing over text frames. */
  sender?: { type: number; id?: string };
  [name: string]: unknown;
}

/** Modules and their commands as declared in one of the global interfaces. */
export type ModuleOf<Events> = (keyof Events & string) | (string & Record<never, never>);

/** The commands of a module, any text where the module is not declared. */
export type CommandOf<Events, M extends string> = M extends keyof Events ? keyof Events[M] & string : string;

/** What a command of a module brings. An empty one may come as `[]`: PHP sends it so. */
export type ParamsOf<Events, M extends string, C extends string> = M extends keyof Events
  ? C extends keyof Events[M]
    ? Events[M][C]
    : never
  : Anything;

/** An event as desktop handlers of a module get it: for each command a tuple, so that `command` tells the `params`. */
type ModuleArgs<Events, M extends string> = M extends keyof Events
  ? {
      [C in keyof Events[M] & string]: [command: C, params: Events[M][C], extra: EventExtra];
    }[keyof Events[M] & string]
  : [command: string, params: Anything, extra: EventExtra];

/** An event as `subscribe()` without a command gives it. */
export type CommandEvent<Events, M extends string> = M extends keyof Events
  ? {
      [C in keyof Events[M] & string]: { command: C; params: Events[M][C]; extra: EventExtra };
    }[keyof Events[M] & string]
  : { command: string; params: Anything; extra: EventExtra };

/** An event as mobile handlers get it. */
type ModuleEvent<Events, M extends string> = CommandEvent<Events, M> & { module_id: M };

type AnyEvent = { module_id: string; command: string; params: Anything; extra: EventExtra };

/** Events of one name, and what their handlers get. */
export interface NamedEvents {
  /** From back ends, of all modules; `onPullEvent-<module>` has those of one, without `module_id`. */
  onPullEvent: [module_id: string, command: string, params: Anything, extra: EventExtra];
  /** The same for mobile pages; `onPull-<module>` has those of one. */
  onPull: [event: AnyEvent];
  /** Published by pages, of all modules; `onPullClientEvent-<module>` has those of one, without `module_id`. */
  onPullClientEvent: [module_id: string, command: string, params: Anything, extra: EventExtra];
  /** The same for mobile pages; `onPullClient-<module>` has those of one. */
  onPullClient: [event: AnyEvent];
  /** Presence. */
  onPullOnlineEvent: [command: string, params: Anything, extra: EventExtra];
  /** Presence, for mobile pages. */
  onPullOnline: [event: { command: string; params: Anything; extra: EventExtra }];
  /** The connection, in short; `onState()` tells more. */
  onPullStatus: [status: Status];
  /** Events are missing. */
  onPullGap: [gap: Gap];
  /** The configuration was refused with 401 or 403. */
  onPullError: [code: "AUTHORIZE_ERROR"];
  /** The server has another API revision; the client has disabled itself. */
  onPullRevisionUp: [server: number, client: number];
}

/** What handlers of `addCustomEvent` get; anything for names that are not Pull's. */
export type EventArgs<N extends string> = N extends keyof NamedEvents
  ? NamedEvents[N]
  : N extends `onPullEvent-${infer M}`
    ? ModuleArgs<BxPullEvents, M>
    : N extends `onPullClientEvent-${infer M}`
      ? ModuleArgs<BxPullClientEvents, M>
      : N extends `onPull-${infer M}`
        ? [event: ModuleEvent<BxPullEvents, M>]
        : N extends `onPullClient-${infer M}`
          ? [event: ModuleEvent<BxPullClientEvents, M>]
          : Anything[];

/** Any name; those that are known are proposed by editors. */
export type EventName =
  | keyof NamedEvents
  | `onPull${"" | "Event"}-${keyof BxPullEvents & string}`
  | `onPullClient${"" | "Event"}-${keyof BxPullClientEvents & string}`
  | (string & Record<never, never>);

/** `this` is the event's object; the window where none was given. */
export type EventHandler<N extends string> = (this: Anything, ...args: EventArgs<N>) => unknown;

/** The first ones of a module's arguments. */
type Fewer<Args, Count extends 1 | 2> = Args extends [infer C, infer P, unknown]
  ? { 1: [command: C]; 2: [command: C, params: P] }[Count]
  : never;

/** A handler of a module's events that does without the last arguments: nothing else says that it may. */
type ShortHandler<N extends string, Count extends 1 | 2> = [EventArgs<N>] extends [
  [unknown, unknown, unknown],
]
  ? (this: Anything, ...args: Fewer<EventArgs<N>, Count>) => unknown
  : never;

/**
 * `BX.addCustomEvent` and `BX.removeCustomEvent`; names are the same in any case. The first form that fits a name gives
 * a handler's parameters their types, so it is the one with all of them.
 */
export interface EventMethod {
  <N extends EventName>(name: N, handler: EventHandler<N>): void;
  <N extends EventName>(name: N, handler: ShortHandler<N, 1>): void;
  <N extends EventName>(name: N, handler: ShortHandler<N, 2>): void;
  <N extends EventName>(target: object | null | undefined, name: N, handler: EventHandler<N>): void;
  <N extends EventName>(target: object | null | undefined, name: N, handler: ShortHandler<N, 1>): void;
  <N extends EventName>(target: object | null | undefined, name: N, handler: ShortHandler<N, 2>): void;
}
