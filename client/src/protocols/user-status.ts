import type { StatusCallback, UserStatusApi } from "../pull/api";
import type { CallServer, Host } from "./types";

/** Who wants to know which users come and go. */
export interface UserStatus {
  methods_: UserStatusApi;
  /** Asks for all again, on a new connection. */
  resume_(): void;
}

/** Callback → what ends its subscription. */
interface Watched extends Map<StatusCallback, () => void> {
  /** The server's answer to who asked first, which is everyone's. */
  answer_?: Promise<unknown>;
}

export function createUserStatus(host: Host, call: CallServer): UserStatus {
  const watched = new Map<number, Watched>();
  const callbacksOf = (userId: number): Watched => watched.get(userId) || new Map();
  const ask = (userId: number) => call("subscribeStatusChange", { userId });

  /** Ends a subscription, if there is one; true when it was the last one for the user. */
  function end(userId: number, callback: StatusCallback): boolean {
    const callbacks = callbacksOf(userId);
    const unsubscribe = callbacks.get(callback);
    if (unsubscribe) unsubscribe();
    return callbacks.delete(callback) && !callbacks.size && watched.delete(userId);
  }

  return {
    resume_() {
      for (const userId of watched.keys()) {
        ask(userId).catch(({ message }: Error) => host.warn_(`user status: ${message}`));
      }
    },
    methods_: {
      async subscribeUserStatusChange(user, callback) {
        const userId = +user;
        const callbacks = callbacksOf(userId);
        const listener = ({ user_id, online }: { user_id?: unknown; online?: unknown }) => {
          if (+(user_id as number) === userId) callback({ userId, isOnline: !!online });
        };
        const unsubscribe =
          callbacks.get(callback) ||
          host.subscribe_({
            type: "online",
            command: "userStatusChange",
            callback: (typeof callback === "function" && listener) as () => void,
          });
        callbacks.answer_ ||= ask(userId);
        watched.set(userId, callbacks.set(callback, unsubscribe));
        try {
          return await callbacks.answer_;
        } catch (error) {
          end(userId, callback);
          throw error;
        }
      },
      unsubscribeUserStatusChange: async (user, callback) => {
        const userId = +user;
        return !end(userId, callback) || call("unsubscribeStatusChange", { userId });
      },
    },
  };
}
