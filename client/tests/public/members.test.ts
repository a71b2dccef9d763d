import { expect, it } from "vitest";
import { shim } from "../../src/bx/shim";
import { install } from "../../src/install";
import type { Bx } from "../../src/public";
import { METHODS, type PullApi } from "../../src/pull/api";
import { FakeEnv } from "../support/fake-env";

/** What a type has by name, and always. */
type Members<T> = { [K in keyof T as string extends K ? never : undefined extends T[K] ? never : K]: string };

/** The compiler sees to it that none of the type is missing here, and none here is not in it. */
const MEMBERS: Members<Bx> & { debugStatus?: string } = {
  addCustomEvent: "function",
  onCustomEvent: "function",
  removeCustomEvent: "function",
  removeAllCustomEvents: "function",
  Event: "object",
  delegate: "function",
  proxy: "function",
  ready: "function",
  message: "function",
  namespace: "function",
  type: "object",
  bitrix_sessid: "function",
  debug: "function",
  debugEnable: "function",
  PULL: "object",
  PullClient: "function",
};

/** Likewise. */
const METHODS_OF: Record<keyof PullApi, true> = {
  start: true,
  connect: true,
  stop: true,
  destroy: true,
  disconnect: true,
  restart: true,
  reconnect: true,
  subscribe: true,
  attachCommandHandler: true,
  emit: true,
  capturePullEvent: true,
  enableLogging: true,
  getDebugInfo: true,
  extendWatch: true,
  clearWatch: true,
  onState: true,
  onStateReload: true,
  isConnected: true,
  isWebSocketSupported: true,
  isWebSocketEnabled: true,
  isPublishingEnabled: true,
  isJsonRpc: true,
  isProtobufSupported: true,
  isSharedMode: true,
  getServerVersion: true,
  getServerMode: true,
  getRevision: true,
  getConfig: true,
  sendMessage: true,
  sendMessageToChannels: true,
  sendMessageBatch: true,
  getUsersLastSeen: true,
  ping: true,
  listChannels: true,
  subscribeUserStatusChange: true,
  unsubscribeUserStatusChange: true,
};

it("gives BX.PULL the methods that the type declarations name, and no others", () => {
  expect([...METHODS].sort()).toEqual(Object.keys(METHODS_OF).sort());
});

it("gives a page's BX the members that the type declarations name, and no others", () => {
  const { BX } = install({}, [], undefined, shim, new FakeEnv() as unknown as Window & typeof globalThis);
  const found = Object.entries(BX as object).map(([name, value]) => [name, typeof value]);
  expect(Object.fromEntries(found)).toEqual(MEMBERS);
});
