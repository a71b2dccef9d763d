import type { BaseEventClass, BxEventCore, BxEventEmitterClass, BxGlobal } from "../bx/types";
import type { PullConsole } from "../console/create";
import type { PullApi } from "../pull/api";
import type { PullClientClass } from "../pull/client";
import type { EventMethod } from "./events";

/**
 * `window.BX`, once the bundle has run. Of a page that had one of its own all is kept, so there may be more: add it by
 * declaration merging, `declare namespace BxPull { interface Bx { … } }`.
 */
export interface Bx extends BxGlobal {
  /** Listens to an object's event, or, without one, to every object's. Arguments of Pull's events are checked. */
  addCustomEvent: EventMethod;
  removeCustomEvent: EventMethod;
  removeAllCustomEvents: BxEventCore["removeAllCustomEvents"];
  Event: { EventEmitter: BxEventEmitterClass; BaseEvent: BaseEventClass; [name: string]: unknown };
  /** The page's client. */
  PULL: PullApi;
  /** The class, for further clients. */
  PullClient: PullClientClass;
  /** There once the script of `--console` has run. */
  PullConsole?: PullConsole;
}
