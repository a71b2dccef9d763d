import { clone } from "../bx/clone";
import type { PullEvent } from "../codec/types";
import type { Env } from "../env";
import type { Bus } from "./bus";
import type { Capture } from "./capture";
import type { ResolvedOptions } from "./options";
import { callbackArgs, type Subscriptions } from "./subscriptions";

export type EventKind = "server" | "client" | "online";

/** How a BX event shows its data: the arguments of its handlers. */
type Shape<T> = (data: T) => unknown[];

/** One handler's turn. */
interface Call<T> {
  what(): string;
  run(data: T): void;
}

export interface Dispatcher {
  /**
   * Hands an event to everyone who listens, each with a copy of their own, in the order of protocol.md §2.
   * An error of one handler is reported and stops nobody else. Handlers added meanwhile hear the next event.
   */
  deliver(kind: EventKind, event: PullEvent): void;
  /** Raises a BX event about the connection, and tells the subscribers of `type`, if given. */
  announce<T>(name: string, data: T, shape: Shape<T>, type?: string): void;
  /** Tells the subscribers only: `BX.PULL.emit()`. */
  emit(type: string, moduleId: string, data: unknown): void;
}

const short: Shape<PullEvent> = ({ command, params, extra }) => [command, params, extra];
const long: Shape<PullEvent> = ({ module_id, command, params, extra }) => [module_id, command, params, extra];
const bundle: Shape<PullEvent> = ({ command, params, extra }) => [{ command, params, extra }];
const whole: Shape<PullEvent> = ({ module_id, command, params, extra }) => [
  { module_id, command, params, extra },
];

type Route = [name: string, shape: Shape<PullEvent>];

function desktopRoutes(kind: EventKind, moduleId: string): Route[] {
  if (kind === "online") return [["onPullOnlineEvent", short]];
  const name = kind === "server" ? "onPullEvent" : "onPullClientEvent";
  return [
    [`${name}-${moduleId}`, short],
    [name, long],
  ];
}

function mobileRoutes(kind: EventKind, moduleId: string): Route[] {
  if (kind === "online") return [["onPullOnline", bundle]];
  const name = kind === "server" ? "onPull" : "onPullClient";
  return [
    [`${name}-${moduleId}`, whole],
    [name, whole],
  ];
}

export function createDispatcher(
  env: Env,
  bus: Bus,
  subscriptions: Subscriptions,
  capture: Capture,
  events: ResolvedOptions["events"],
): Dispatcher {
  function bxCalls<T>(name: string, shape: Shape<T>): Call<T>[] {
    const listeners = bus.listeners(name);
    if (!listeners) return [{ what: () => name, run: (data) => bus.emit(name, shape(data)) }];
    return listeners.map((listener) => {
      capture.checkHandler(name, listener.source);
      return {
        what: () => `${name} handler ${listener.source.name || "(anonymous)"}`,
        run: (data) => listener.active && listener.invoke(shape(data)),
      };
    });
  }

  function subscriberCalls<T>(type: string, moduleId: string, command?: string): Call<T>[] {
    return subscriptions.find(type, moduleId, command).map((subscription) => ({
      what: () => subscription.label,
      run: (data) => subscription.active && subscription.callback(...callbackArgs(subscription, data)),
    }));
  }

  function perform<T>(calls: Call<T>[], data: T, about: string): void {
    // One handler may have the original: nobody else will look at it.
    const shared = calls.length > 1 || capture.active();
    for (const { what, run } of calls) {
      try {
        run(shared ? clone(data) : data);
      } catch (error) {
        env.report(error, `${what()} (${about})`);
      }
    }
  }

  return {
    deliver(kind, event) {
      const { module_id, command } = event;
      const routes = [
        ...(events === "mobile" ? [] : desktopRoutes(kind, module_id)),
        ...(events === "desktop" ? [] : mobileRoutes(kind, module_id)),
      ];
      const calls = routes.flatMap(([name, shape]) => bxCalls(name, shape));
      capture.event(kind, event);
      perform(
        [...calls, ...subscriberCalls<PullEvent>(kind, module_id, command)],
        event,
        `${module_id}/${command}`,
      );
    },
    announce(name, data, shape, type) {
      perform([...bxCalls(name, shape), ...(type ? subscriberCalls<typeof data>(type, "") : [])], data, name);
    },
    emit(type, moduleId, data) {
      const command = (data as PullEvent | undefined)?.command;
      perform(subscriberCalls(type, moduleId.toLowerCase(), command), data, `emit ${type}/${moduleId}`);
    },
  };
}
