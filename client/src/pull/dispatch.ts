import { changes, type Listeners } from "../bx/bus";
import { clone, cloneJson } from "../bx/clone";
import { print, reportError } from "../bx/report";
import type { InstalledBx } from "../bx/types";
import type { PullEvent } from "../codec/types";
import type { Env } from "../env";
import { getOrMake } from "../values";
import type { PullApi } from "./api";
import type { Capture } from "./capture";
import { type EventKind, mobileName, suffixOf } from "./event-names";
import type { ResolvedOptions } from "./options";
import { checkTopic, hasModules, type Subscriptions, topic } from "./subscriptions";

/** One who is told of an event. */
interface Hearer {
  /** How the event is called where they are listed; errors name it. */
  name_: string;
  listener_: Listeners[0];
  /** What they are given. */
  args_(event: PullEvent): unknown[];
}

/** Of so many modules and commands it is remembered who hears them. */
const MAX_REMEMBERED = 20_000;

export interface Dispatcher {
  /**
   * Hands an event to everyone who listens, each with a copy of their own, in the order of docs/client.md, Events.
   * An error of one handler is reported and stops nobody else. Handlers added meanwhile hear the next event.
   */
  deliver_(kind: EventKind, event: PullEvent): void;
  /** Raises a BX event whose arguments are the values of `data`, and tells the subscribers of `type`, if given. */
  announce_(name: string, data: object, type?: string): void;
  /** Tells the subscribers only: `BX.PULL.emit()`. */
  emit_: PullApi["emit"];
}

export function createDispatcher(
  env: Env,
  { BX, find_: find }: InstalledBx,
  subscribers: Subscriptions["find_"],
  capture: Capture,
  options: ResolvedOptions,
): Dispatcher {
  /** Who hears an event, by kind, command and module. */
  const known = new Map<EventKind, Map<string, Map<string, Hearer[]>>>();
  let remembered = 0;
  // When that was found.
  let core: unknown;
  let change: number;

  const each = (name: string, listeners: Listeners, args: Hearer["args_"]): Hearer[] =>
    listeners.map((listener) => ({ name_: name, listener_: listener, args_: args }));

  /** @param name - none where these handlers are not wanted */
  const onBus = (name: string | false, args: Hearer["args_"]) =>
    each(name as string, name ? find(name) : [], args);

  /**
   * Subscribers: to all commands, then to this one.
   *
   * @param command - none: it is no Pull event, and they are given what there is
   */
  function subscribersOf(type: string, moduleId?: string, command = ""): Hearer[] {
    const name = topic(type, moduleId);
    const about = () => (hasModules(type) ? { type, moduleId } : { type });
    return [
      ...each(
        name,
        subscribers(name),
        command
          ? ({ command, params, extra }) => [{ command, params, extra }, about()]
          : (data) => [data, about()],
      ),
      ...each(name, subscribers(name, command), ({ command, params, extra }) => [
        params,
        extra,
        command,
        about(),
      ]),
    ];
  }

  /** Who is told of an event, in the order of docs/client.md, Events. */
  function findHearers(kind: EventKind, moduleId: string, command: string): Hearer[] {
    if (++remembered % MAX_REMEMBERED === 0) known.clear();
    const name = mobileName(kind);
    const suffix = suffixOf(kind, moduleId);
    const desktop = options.events !== "mobile" && `${name}Event`;
    const mobile = options.events !== "desktop" && name;
    return [
      ...onBus(desktop && desktop + suffix, ({ command, params, extra }) => [command, params, extra]),
      ...onBus(suffix && desktop, ({ command, params, extra }) => [moduleId, command, params, extra]),
      ...onBus(
        mobile && mobile + suffix,
        suffix ? (event) => [event] : ({ command, params, extra }) => [{ command, params, extra }],
      ),
      ...onBus(suffix && mobile, (event) => [event]),
      ...subscribersOf(kind, moduleId, command),
    ];
  }

  /**
   * @param about - what errors say of the event, as parts of a path
   * @param copy - makes a copy of the event, for one listener
   */
  function perform(
    hearers: readonly Hearer[],
    event: PullEvent,
    about: readonly string[],
    copy: (event: PullEvent) => PullEvent,
  ): void {
    hearers.forEach(({ name_: name, listener_: listener, args_: args }, index) => {
      const report = (error: unknown) =>
        reportError(
          env,
          error,
          `handler of ${name} ${String(listener.source_.name)} threw (${about.join("/")})`,
        );
      try {
        capture.checkHandler_(name, listener.source_);
        if (!listener.active_) return;
        // The last one may have the original: nobody else will look at it.
        const result = listener.invoke_(args(hearers[index + 1] || capture.active_ ? copy(event) : event)) as
          | PromiseLike<unknown>
          | undefined;
        if (result?.then) Promise.resolve(result).catch(report);
      } catch (error) {
        report(error);
      }
    });
  }

  return {
    deliver_(kind, event) {
      const { module_id, command, params, extra } = event;
      if (change !== changes.count_ || core !== BX.onCustomEvent) known.clear();
      change = changes.count_;
      core = BX.onCustomEvent;
      const ofCommand = getOrMake(
        getOrMake(known, kind, () => new Map()),
        command,
        () => new Map(),
      );
      const hearers = getOrMake(ofCommand, module_id, () => findHearers(kind, module_id, command));
      if (capture.active_) {
        const name = `${mobileName(kind)}Event`;
        print(
          env,
          "info",
          ...(kind === "server" ? [name, module_id] : [name + suffixOf(kind, module_id)]),
          command,
          params,
          extra,
        );
      }
      perform(hearers, event, [module_id, command], () => ({
        module_id,
        command,
        params: cloneJson(params),
        extra: cloneJson(extra),
      }));
    },
    announce_(name, data, type = "") {
      const hearers = [...onBus(name, Object.values), ...subscribersOf(type)];
      perform(hearers, data as PullEvent, [name], clone);
    },
    emit_(given) {
      const { type = "server", moduleId, data = {} } = Object(given);
      const { command } = Object(data);
      const hearers = subscribersOf(type, checkTopic(type, moduleId), command && String(command));
      perform(hearers, data as PullEvent, ["emit()"], clone);
    },
  };
}
