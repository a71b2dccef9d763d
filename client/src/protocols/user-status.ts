import { PullError } from "../errors";
import type { StatusCallback, UserId, UserStatusApi } from "../pull/api";
import { getOrMake } from "../values";
import type { Requests } from "./requests";
import type { Host } from "./types";

/** A user whose status someone wants to know. */
interface Watched {
  userId_: UserId;
  /** Callback → what ends its subscription. */
  callbacks_: Map<StatusCallback, () => void>;
  /** The request for this user, one for all callbacks. */
  sent_: Promise<unknown>;
}

/** Who wants to know which users come and go. */
export interface UserStatus {
  methods_: UserStatusApi;
  /** Asks for all again, on a new connection. */
  resume_(): void;
}

export function createUserStatus(host: Host, requests: Requests): UserStatus {
  const watched = new Map<string, Watched>();
  const request = (userId: UserId) => requests.call_("subscribeStatusChange", { userId });

  /** True when nobody is left who wants to know of this user. */
  function remove(userId: UserId, callback: StatusCallback): boolean {
    const entry = watched.get(String(userId));
    const end = entry?.callbacks_.get(callback);
    if (!entry || !end) return false;
    end();
    entry.callbacks_.delete(callback);
    return !entry.callbacks_.size && watched.delete(String(userId));
  }

  return {
    resume_() {
      for (const { userId_: userId } of watched.values()) {
        request(userId).catch(({ message }: Error) => host.warn_(`status of user ${userId}: ${message}`));
      }
    },
    methods_: {
      async subscribeUserStatusChange(userId, callback) {
        if (typeof callback !== "function")
          throw new PullError("BAD_SUBSCRIPTION", "callback must be a function");
        const entry = getOrMake(watched, String(userId), () => ({
          userId_: userId,
          callbacks_: new Map(),
          sent_: request(userId),
        }));
        getOrMake(entry.callbacks_, callback, () =>
          host.subscribe_({
            type: "online",
            command: "userStatusChange",
            callback(params) {
              const { user_id, online } = Object(params);
              if (String(user_id) === String(userId)) callback({ userId, isOnline: !!online });
            },
          }),
        );
        try {
          return await entry.sent_;
        } catch (error) {
          remove(userId, callback);
          throw error;
        }
      },
      unsubscribeUserStatusChange: async (userId, callback) =>
        !remove(userId, callback) || requests.call_("unsubscribeStatusChange", { userId }),
    },
  };
}
