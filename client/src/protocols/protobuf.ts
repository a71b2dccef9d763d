import { decodeProtobuf, encodeProtobuf } from "../codec/protobuf";
import { PullError } from "../errors";
import { accessQuery, type PublicChannel } from "../pull/config";
import { withQuery } from "../query";
import { FIRST_REFUSAL, LAST_REFUSAL } from "../transport/close-codes";
import { createPending } from "./pending";
import { createPublicChannels } from "./public-channels";
import { checkBytes, checkReceivers, createPublishing, naming, type Outgoing } from "./publishing";
import type { Protocol } from "./types";

/** A server that refuses a published frame closes the connection within this time; it says nothing of accepted ones. */
const REFUSAL_MS = 500;
/** How long a published frame may take over HTTP. */
const POST_TIMEOUT_MS = 15_000;

const QUERY = { binaryMode: true };

/** Protobuf frames: server version 4. */
export const protobuf: Protocol = {
  name_: "protobuf",
  mode_: "protobuf",
  query_: QUERY,
  binary_: true,
  create_(host) {
    const pending = createPending(host.scope_);
    const channels = createPublicChannels(host);

    async function encode(messages: readonly Outgoing[]): Promise<Uint8Array> {
      const users = messages.reduce((all, { userList }) => all.concat(userList.map(String)), [] as string[]);
      await channels.load_([...new Set(users)]);
      const without = users.filter((user) => !channels.get_(user));
      if (without[0]) throw new PullError("NO_PUBLIC_CHANNEL", `no public channel of user ${without.join()}`);
      const batch = messages.map(({ userList, channelList, body, expiry }) => ({
        receivers_: [
          ...userList.map((user) => {
            const { public_id, signature } = channels.get_(String(user)) as PublicChannel;
            return `${public_id}.${signature || ""}`;
          }),
          ...channelList,
        ],
        body_: JSON.stringify(body),
        expiry_: expiry || 0,
      }));
      checkReceivers(batch.reduce((sum, { receivers_ }) => sum + receivers_.length, 0));
      return encodeProtobuf(batch);
    }

    /** For when there is no socket. */
    async function post(body: Uint8Array): Promise<unknown> {
      const { server } = host.config_();
      const base = (host.env_.isSecure_() && server.publish_secure) || server.publish;
      if (!base) throw new PullError("PUBLISHING_OFF", "the configuration has no address for it");
      const abort = new AbortController();
      try {
        return await pending.wait_(POST_TIMEOUT_MS, async (resolve, reject) => {
          try {
            const { status } = await host.env_.fetch_(
              withQuery(base, { ...QUERY, ...accessQuery(host.config_()) }),
              {
                method: "POST",
                body: body as BodyInit,
                signal: abort.signal,
              },
            );
            if (status < 300) resolve(true);
            else reject(new PullError("PUBLISH_REFUSED", `HTTP status ${status}`, status));
          } catch {
            reject(new PullError("PUBLISH_REFUSED", "no answer", 0));
          }
        });
      } finally {
        abort.abort();
      }
    }

    return {
      receive_: (frame) => decodeProtobuf(frame, host.warn_),
      onOpen_() {},
      onClose_(code = 0, reason) {
        const refused = code >= FIRST_REFUSAL && code <= LAST_REFUSAL;
        pending.fail_(
          refused ? new PullError("PUBLISH_REFUSED", `closed with ${code} ${reason}`) : undefined,
        );
      },
      methods_: createPublishing(host, (messages) =>
        naming(messages, async () => {
          const bytes = await encode(messages);
          checkBytes(bytes.length);
          return host.send_(bytes)
            ? pending.wait_(
                REFUSAL_MS,
                () => {},
                (resolve) => resolve(true),
              )
            : post(bytes);
        }),
      ),
    };
  },
};
