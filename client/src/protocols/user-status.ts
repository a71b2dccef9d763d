import type { StatusCallback, UserStatusApi } from "../pull/api";
import type { CallServer, Host } from "./types";

/** Who wants to know which users come and go. */
export interface UserStatus {
  methods_: UserStatusApi;
  /** Asks for all again, on a new connection. */
  resume_(): void;
}

export function createUserStatus(host: Host, call: CallServer): UserStatus {
  /** User → callback → what ends its subscription. */
  const watched = new Map<number, Map<StatusCallback, () => void>>();
  const callbacksOf = (userId: number) => watched.get(userId) || new Map<StatusCallback, () => void>();
  /** User → the server's answer to who asked first, which is everyone's. */
  const answers = new Map<number, Promise<unknown>>();
  const ask = (userId: number) => call("subscribeStatusChange", { userId });

  /** Ends a subscription, if there is one; true when it was the last one for the user. */
  function end(userId: number, callback: StatusCallback): boolean {
    const callbacks = callbacksOf(userId);
    const unsubscribe = callbacks.get(callback);
    if (!unsubscribe) return false;
    unsubscribe();
    callbacks.delete(callback);
    return !callbacks.size && watched.delete(userId);
  }

  return {
    resume_() {
      for (const userId of watched.keys()) {
        ask(userId).catch(({ message }: Error) => host.warn_(`user status: ${message}`));
      }
    },
    methods_: {
      async subscribeUserStatusChange(user, callback) {
        const userId = Number(user);
        const callbacks = callbacksOf(userId);
        const listener = ({ user_id, online }: { user_id?: unknown; online?: unknown }) => {
          if (Number(user_id) === userId) callback({ userId, isOnline: !!online });
        };
        const unsubscribe =
          callbacks.get(callback) ||
          host.subscribe_({
            type: "online",
            command: "userStatusChange",
            callback: (typeof callback === "function" && listener) as () => void,
          });
        if (!watched.has(userId)) answers.set(userId, ask(userId));
        watched.set(userId, callbacks.set(callback, unsubscribe));
        try {
          return await answers.get(userId);
        } catch (error) {
          end(userId, callback);
          throw error;
        }
      },
      unsubscribeUserStatusChange: async (user, callback) => {
        const userId = Number(user);
        return !end(userId, callback) || call("unsubscribeStatusChange", { userId });
      },
    },
  };
}
