import type { StatusCallback, UserStatusApi } from "../pull/api";
import { getOrMake } from "../values";
import type { Requests } from "./requests";
import type { Host } from "./types";

/** Who wants to know which users come and go. */
export interface UserStatus {
  methods_: UserStatusApi;
  /** Asks for all again, on a new connection. */
  resume_(): void;
}

export function createUserStatus(host: Host, requests: Requests): UserStatus {
  /** User → callback → what ends its subscription. */
  const watched = new Map<number, Map<StatusCallback, () => void>>();
  const ask = (userId: number) => requests.call_("subscribeStatusChange", { userId });

  /** True when nobody is left who wants to know of this user. */
  function remove(userId: number, callback: StatusCallback): boolean {
    const callbacks = getOrMake(watched, userId, () => new Map());
    const end = callbacks.get(callback);
    if (end) end();
    callbacks.delete(callback);
    return !callbacks.size && watched.delete(userId) && !!end;
  }

  return {
    resume_() {
      for (const userId of watched.keys()) {
        ask(userId).catch(({ message }: Error) => host.warn_(`status of user ${userId}: ${message}`));
      }
    },
    methods_: {
      async subscribeUserStatusChange(user, callback) {
        const userId = Number(user);
        const callbacks = getOrMake(watched, userId, () => new Map());
        const isFirst = !callbacks.size;
        getOrMake(callbacks, callback, () =>
          host.subscribe_({
            type: "online",
            command: "userStatusChange",
            // What is no function is refused there.
            callback:
              callback &&
              ((params) => {
                const { user_id, online } = Object(params);
                if (Number(user_id) === userId) callback({ userId, isOnline: !!online });
              }),
          }),
        );
        try {
          return !isFirst || (await ask(userId));
        } catch (error) {
          remove(userId, callback);
          throw error;
        }
      },
      unsubscribeUserStatusChange: async (user, callback) =>
        !remove(Number(user), callback) ||
        requests.call_("unsubscribeStatusChange", { userId: Number(user) }),
    },
  };
}
