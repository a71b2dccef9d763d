import { decodeJsonRpc } from "../codec/jsonrpc";
import { STUCK } from "../transport/close-codes";
import { createPublishing, type Outgoing } from "./publishing";
import { createRequests } from "./requests";
import type { Protocol } from "./types";
import { createUserStatus } from "./user-status";

/** A server says something about every 10 s; a connection that is silent for longer than this is stuck. */
const SILENCE_MS = 20_000;

const orNone = <T>(list: T[]) => (list[0] === undefined ? undefined : list);

const toCall = ({ userList, channelList, body, expiry }: Outgoing) => ({
  method: "publish",
  params: {
    userList: orNone(userList),
    channelList: orNone(channelList),
    body,
    expiry: expiry || undefined,
  },
});

/** JSON-RPC 2.0: server versions from 5 on. */
export const jsonRpc: Protocol = (host) => {
  const requests = createRequests(host);
  const userStatus = createUserStatus(host, requests);
  let heardAt = 0;
  let cancelWatchdog: (() => void) | undefined;

  function watch(): void {
    if (cancelWatchdog) cancelWatchdog();
    const silence = host.env_.Date.now() - heardAt;
    if (silence >= SILENCE_MS) host.reconnect_(STUCK, "stuck");
    else cancelWatchdog = host.scope_.after_(SILENCE_MS - silence, watch);
  }

  return {
    mode_: "json-rpc",
    query_: { jsonRpc: true },
    receive_(frame) {
      heardAt = host.env_.Date.now();
      if (frame === "ping") {
        host.send_("pong");
        return [];
      }
      const { envelopes_: envelopes, replies_: replies } = decodeJsonRpc(frame, host.warn_);
      replies.forEach(requests.settle_);
      for (const { mid } of envelopes) if (mid) host.send_(`mack:${mid}`);
      return envelopes;
    },
    onOpen_() {
      if (host.canSend_()) {
        heardAt = host.env_.Date.now();
        watch();
        userStatus.resume_();
      }
    },
    onClose_() {
      if (cancelWatchdog) cancelWatchdog();
      requests.fail_();
    },
    methods_: {
      ...createPublishing(host, (messages, batch) => requests.send_(messages.map(toCall), batch)),
      ...userStatus.methods_,
      getUsersLastSeen: (userList) => requests.call_("getUsersLastSeen", { userList }),
      ping: (timeout) => requests.call_("ping", {}, timeout),
      listChannels: () => requests.call_("listChannels", {}),
    },
  };
};
