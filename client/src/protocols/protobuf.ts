import { decodeProtobuf, encodeProtobuf } from "../codec/protobuf";
import { connectionLost, notConnected, PullError } from "../errors";
import type { Publication } from "../pull/api";
import { accessQuery, choose } from "../pull/config";
import { withQuery } from "../query";
import { FIRST_REFUSAL, LAST_REFUSAL } from "../transport/close-codes";
import { createPending } from "./pending";
import { createPublicChannels } from "./public-channels";
import { checkCount, checkSize, createPublishing, listOf, MAX_RECEIVERS } from "./publishing";
import type { Protocol } from "./types";

/** A server that refuses a published frame closes the connection within this time; it says nothing of accepted ones. */
const REFUSAL_MS = 500;
/** How long a published frame may take over HTTP. */
const POST_TIMEOUT_MS = 15_000;

const MAX_REASON_LENGTH = 200;
const MAX_EXPIRY_S = 2 ** 32 - 1;

const QUERY = { binaryMode: true };

/** Protobuf frames: server version 4. */
export const protobuf: Protocol = (host) => {
  const pending = createPending(host.scope_);
  const channels = createPublicChannels(host);

  function refused(why: string, status?: number): PullError {
    channels.forget_();
    return new PullError("PUBLISH_REFUSED", why, status);
  }

  async function encode(messages: readonly Publication[]): Promise<Uint8Array> {
    const users = new Set<string>();
    for (const { userList } of messages) for (const user of listOf(userList)) users.add(String(user));
    await channels.load_([...users]);
    const without = [...users].filter((user) => !channels.get_(user));
    if (without[0]) throw new PullError("NO_PUBLIC_CHANNEL", `no public channel of user ${without}`);
    let count = 0;
    const batch = messages.map(({ userList, channelList, body, expiry }) => {
      const ids = listOf(userList).map((user) => channels.get_(String(user)) as string);
      const receivers = [...ids, ...listOf(channelList)];
      count += receivers.length;
      if (expiry) checkCount(expiry, MAX_EXPIRY_S, "seconds of expiry");
      return { receivers_: receivers, body_: JSON.stringify(body), expiry_: expiry || 0 };
    });
    checkCount(count, MAX_RECEIVERS, "receivers");
    return encodeProtobuf(batch);
  }

  /** For when there is no socket. */
  async function post(bytes: Uint8Array): Promise<unknown> {
    const { server } = host.configs_.current_;
    const base = choose(host.env_, server.publish, server.publish_secure);
    if (!base) throw new PullError("PULL_DISABLED", "no address to publish to");
    const abort = new AbortController();
    const late = new PullError("TIMEOUT", `no answer in ${POST_TIMEOUT_MS / 1000} s`);
    const answered = pending.wait_(abort, POST_TIMEOUT_MS, late);
    const { signal } = abort;
    host.env_
      .fetch(withQuery(base, { ...QUERY, ...accessQuery(host.configs_.current_) }), {
        method: "POST",
        body: bytes as BodyInit,
        signal,
      })
      .then(async (response) => {
        const { ok, status } = response;
        // A server says why in a sentence; what else may answer says more than anyone wants to read.
        const why = ok || (await response.text()).slice(0, MAX_REASON_LENGTH);
        pending.settle_(abort, ok ? undefined : refused(`HTTP ${status} ${why}`, status), true);
      })
      .catch(() => pending.settle_(abort, connectionLost()));
    return answered.finally(() => abort.abort());
  }

  async function send(messages: readonly Publication[]): Promise<unknown> {
    if (host.isOpen_()) {
      const bytes = await encode(messages);
      checkSize(bytes);
      if (host.send_(bytes)) return pending.wait_(bytes, REFUSAL_MS);
      if (host.isOpen_()) return post(bytes);
    }
    throw notConnected();
  }

  return {
    mode_: "protobuf",
    query_: QUERY,
    binary_: true,
    receive_: (frame, envelopes) => decodeProtobuf(frame, envelopes, host.warn_),
    onOpen_() {},
    onClose_(code = 0, reason) {
      const isRefusal = code >= FIRST_REFUSAL && code <= LAST_REFUSAL;
      pending.fail_(isRefusal ? refused(`closed with ${code} ${reason}`) : connectionLost());
    },
    methods_: createPublishing(host, (messages) => [send(messages)]),
  };
};
