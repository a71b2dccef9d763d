import { changes, type Listeners, NOBODY } from "../bx/bus";
import type { PullEvent } from "../codec/types";
import { PullError } from "../errors";
import type { CommandHandler } from "../public/subscribe";
import { getOrMake, getOwn } from "../values";
import { SubscriptionType } from "./constants";

// biome-ignore lint/suspicious/noExplicitAny: page code writes handlers with the parameters it expects.
type Callback = (...args: any[]) => unknown;

/** `subscribe()` with options, whatever they are; {@link Subscribe} has the forms in which they make sense. */
export interface SubscribeOptions {
  /** Default "server". */
  type?: string | undefined;
  /** Needed for the types "server" and "client". */
  moduleId?: string;
  /** Only this command; changes the callback's arguments. */
  command?: string;
  callback: Callback;
}

export interface Subscriptions {
  /** All three forms; returns the function that ends the subscription. Throws {@link PullError}. */
  subscribe(target: SubscribeOptions | CommandHandler): () => void;
  /** Who is subscribed to a {@link topic}, and, of those with commands, to this one. */
  find_(name: string, command?: string): Listeners;
  /** Ends all subscriptions. */
  clear_(): void;
}

/** Of these types every module has its own subscribers. */
export const hasModules = (type: string) => type === "server" || type === "client";

/** The name under which subscribers are listed. */
export const topic = (type: string, moduleId?: string) => type + (hasModules(type) ? ` ${moduleId}` : "");

/** The method or function of `handler` for a command, if it has one. */
function commandMethod(handler: CommandHandler, command: string): Callback | undefined {
  const mapped = handler.getMap && getOwn(handler.getMap(), command);
  const name = mapped || `handle${command.replace(/^./, (first) => first.toUpperCase())}`;
  return typeof name === "function"
    ? name
    : (handler as unknown as Record<string, Callback | undefined>)[name];
}

function check(isGood: unknown, problem: string): void {
  if (!isGood) throw new PullError("BAD_SUBSCRIPTION", problem);
}

/** The module in lower case; throws when nobody can listen to this. */
export function checkTopic(type: string, moduleId: unknown): string {
  check(Object.values(SubscriptionType).includes(type), `no type "${type}"`);
  check(moduleId || !hasModules(type), `type "${type}" needs a moduleId`);
  return String(moduleId).toLowerCase();
}

export function createSubscriptions(): Subscriptions {
  /** By topic and command. Lists are replaced, never changed: whoever walks one is not disturbed. */
  const lists = new Map<string, Map<string | undefined, Listeners>>();
  const none: ReturnType<typeof lists.get> = new Map();
  const find: Subscriptions["find_"] = (name, command) => (lists.get(name) || none).get(command) || NOBODY;

  function add({ type = "server", moduleId, command, callback }: SubscribeOptions): () => void {
    check(typeof callback === "function", "needs a callback function");
    const name = topic(type, checkTopic(type, moduleId));
    const ofTopic = getOrMake(lists, name, () => new Map<string | undefined, Listeners>());
    const subscriber = {
      active_: true,
      source_: callback,
      invoke_: (args: readonly unknown[]) => callback(...args),
    };
    // Pages also say null or "" for all commands. Those of events are texts.
    command = command ? String(command) : undefined;
    ofTopic.set(command, [...find(name, command), subscriber]);
    changes.count_++;
    return () => {
      subscriber.active_ = false;
      changes.count_++;
      ofTopic.set(
        command,
        find(name, command).filter(({ active_ }) => active_),
      );
    };
  }

  const attach = (handler: CommandHandler) =>
    add({
      type: handler.getSubscriptionType ? handler.getSubscriptionType() : undefined,
      moduleId: handler.getModuleId(),
      callback(data) {
        // By emit() anything may come.
        const { command, params, extra } = Object(data) as PullEvent;
        const method = command && commandMethod(handler, String(command));
        return method ? method.call(handler, params, extra, command) : undefined;
      },
    });

  return {
    find_: find,
    subscribe: (target) =>
      Object(target).getModuleId ? attach(target as CommandHandler) : add(Object(target)),
    clear_() {
      lists.clear();
      changes.count_++;
    },
  };
}
