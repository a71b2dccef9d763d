import { toId } from "../codec/event";
import { type Call, decodeJsonRpc, encodeJsonRpc } from "../codec/jsonrpc";
import { connectionLost, notConnected, PullError } from "../errors";
import type { Publication } from "../pull/api";
import type { Silence } from "../scope";
import { STUCK } from "../transport/close-codes";
import { createPending } from "./pending";
import { checkSize, createPublishing, listOf } from "./publishing";
import type { CallServer, Protocol } from "./types";
import { createUserStatus } from "./user-status";

/** How long a server may take to answer, seconds. */
const ANSWER_TIMEOUT_S = 5;
/** A server says something about every 10 s; a connection that is silent for longer than this is stuck. */
const SILENCE_MS = 20_000;

const toCall = ({ userList, channelList, body, expiry }: Publication): Call => ({
  method: "publish",
  params: {
    userList: userList && listOf(userList),
    channelList: channelList && listOf(channelList),
    body,
    expiry: expiry || undefined,
  },
});

/** JSON-RPC 2.0: server versions from 5 on. */
export const jsonRpc: Protocol = (host) => {
  const { scope_: scope, env_: env } = host;
  const pending = createPending(scope);
  // Counts on over reconnects: an answer never meets another request. Tabs that share a socket get each other's.
  let lastId = host.options_.sharedWorker ? Math.floor(env.Math.random() * 2 ** 48) : 0;
  let silence: Silence | undefined;

  /** Sends calls in one frame; throws when that cannot be. */
  function send(calls: readonly Call[], batch: boolean, timeoutS = ANSWER_TIMEOUT_S): Promise<unknown>[] {
    const frame = encodeJsonRpc(calls, lastId + 1, batch);
    checkSize(new TextEncoder().encode(frame));
    if (!host.send_(frame)) throw notConnected(host.isOpen_() ? "not by long polling" : undefined);
    const late = new PullError("TIMEOUT", `no answer in ${timeoutS} s`);
    return calls.map(() => pending.wait_(String(++lastId), timeoutS * 1000, late));
  }

  // In an async function what is thrown becomes a rejection.
  const call: CallServer = async (method, params, timeoutS) => send([{ method, params }], false, timeoutS)[0];
  const userStatus = createUserStatus(host, call);

  function unwatch(): void {
    if (silence) silence.end_();
  }

  return {
    mode_: "json-rpc",
    hasPings_: true,
    query_: { jsonRpc: true },
    receive_(frame, envelopes) {
      if (silence) silence.heard_();
      if (frame === "ping") {
        host.send_("pong");
        return () => false;
      }
      return decodeJsonRpc(frame, envelopes, host.warn_, ({ id, error, result }) =>
        pending.settle_(toId(id), error && new PullError(String(error.code), error.message), result),
      );
    },
    // Not when handling it has ended the connection by which it came.
    acknowledge_: (mid) => void host.send_(`mack:${mid}`),
    onOpen_() {
      unwatch();
      if (host.canSend_()) {
        // By timers alone: the clock may be set meanwhile.
        silence = scope.silence_(SILENCE_MS, () => host.reconnect_(STUCK, "stuck"));
        userStatus.resume_();
      }
    },
    onClose_() {
      unwatch();
      pending.fail_(connectionLost());
    },
    methods_: {
      ...createPublishing(host, (messages, batch) => send(messages.map(toCall), batch)),
      ...userStatus.methods_,
      getUsersLastSeen: (userList) => call("getUsersLastSeen", { userList }),
      ping: (timeout) => call("ping", {}, timeout),
      listChannels: () => call("listChannels", {}),
    },
  };
};
