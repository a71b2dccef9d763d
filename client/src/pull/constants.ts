import type { CloseReasonCodes, PullStatuses, SubscriptionTypes } from "../public/constants";
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

export const PullStatus: PullStatuses = { Online: "online", Offline: "offline", Connect: "connect" };

export const SubscriptionType: SubscriptionTypes = {
  Server: "server",
  Client: "client",
  Online: "online",
  Status: "status",
  Revision: "revision",
};

export const CloseReasons: CloseReasonCodes = {
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
};
