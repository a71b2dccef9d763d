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

// Close codes, protocol.md §8; 3000 to 3006 are sent by clients. Constants, because minifiers inline those.
export const NORMAL_CLOSURE = 1000;
export const CONFIG_REPLACED = 3000;
export const CHANNEL_EXPIRED = 3001;
export const SERVER_RESTARTED = 3002;
export const CONFIG_EXPIRED = 3003;
export const MANUAL = 3004;
export const WRONG_CHANNEL_ID = 4010;

export const CloseReasons = {
  NORMAL_CLOSURE,
  SERVER_DIE: 1001,
  CONFIG_REPLACED,
  CHANNEL_EXPIRED,
  SERVER_RESTARTED,
  CONFIG_EXPIRED,
  MANUAL,
  STUCK: 3005,
  BACKEND_ERROR: 3006,
  WRONG_CHANNEL_ID,
} as const;
