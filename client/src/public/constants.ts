/** `BX.PullClient.PullStatus`. */
export interface PullStatuses {
  readonly Online: "online";
  readonly Offline: "offline";
  readonly Connect: "connect";
}

/** What `onPullStatus` says. */
export type Status = PullStatuses[keyof PullStatuses];

/** `BX.PullClient.SubscriptionType`. */
export interface SubscriptionTypes {
  readonly Server: "server";
  readonly Client: "client";
  readonly Online: "online";
  readonly Status: "status";
  readonly Revision: "revision";
}

/** `BX.PullClient.CloseReasons`: close codes of WebSockets. */
export interface CloseReasonCodes {
  readonly NORMAL_CLOSURE: 1000;
  readonly SERVER_DIE: 1001;
  readonly CONFIG_REPLACED: 3000;
  readonly CHANNEL_EXPIRED: 3001;
  readonly SERVER_RESTARTED: 3002;
  readonly CONFIG_EXPIRED: 3003;
  readonly MANUAL: 3004;
  readonly STUCK: 3005;
  readonly BACKEND_ERROR: 3006;
  readonly WRONG_CHANNEL_ID: 4010;
}
