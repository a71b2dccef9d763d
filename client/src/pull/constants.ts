import {
  CHANNEL_EXPIRED,
  CONFIG_EXPIRED,
  CONFIG_REPLACED,
  MANUAL,
  NORMAL_CLOSURE,
  SERVER_RESTARTED,
  STUCK,
  WRONG_CHANNEL_ID,
} from "../transport/close-codes";

/** API revision this client implements; a server that announces another one disables it. */
export const REVISION = 19;

export const PullStatus = { Online: "online", Offline: "offline", Connect: "connect" } as const;
export type Status = (typeof PullStatus)[keyof typeof PullStatus];

export const SubscriptionType = {
  Server: "server",
  Client: "client",
  Online: "online",
  Status: "status",
  Revision: "revision",
} as const;

export const CloseReasons = {
  NORMAL_CLOSURE,
  SERVER_DIE: 1001,
  CONFIG_REPLACED,
  CHANNEL_EXPIRED,
  SERVER_RESTARTED,
  CONFIG_EXPIRED,
  MANUAL,
  STUCK,
  BACKEND_ERROR: 3006,
  WRONG_CHANNEL_ID,
} as const;
