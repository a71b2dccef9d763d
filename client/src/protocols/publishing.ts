import { PullError } from "../errors";
import { fingerprint } from "../fingerprint";
import type { Publication, PublishingApi, UserId } from "../pull/api";
import { firstGiven } from "../values";
import type { Host } from "./types";

/** Limits of push servers, protocol.md §7. */
const MAX_MESSAGES = 100;
const MAX_RECEIVERS = 100;
const MAX_BYTES = 1_048_576;

/** A public id and, unless nothing is signed, its signature; a private one has a colon. */
const PUBLIC_ID = /^[0-9a-f]{32}(\.([0-9a-f]{2})+)?$/i;

/** A message with both lists, of which one may be empty. */
export interface Outgoing extends Publication {
  userList: UserId[];
  channelList: string[];
}

/**
 * Sends checked messages.
 *
 * @param batch - they were given as a list, and so is the answer
 */
export type Publish = (messages: Outgoing[], batch: boolean) => Promise<unknown>;

function checkLimit(count: number, limit: number, what: string): void {
  if (count > limit) throw new PullError("LIMIT_EXCEEDED", `${count} ${what}, at most ${limit} are allowed`);
}

export const checkReceivers = (count: number) => checkLimit(count, MAX_RECEIVERS, "receivers");
export const checkBytes = (count: number) => checkLimit(count, MAX_BYTES, "bytes");

/** Says in what `work` rejects with whom the messages were for: users, and fingerprints of channels. */
export async function naming<T>(messages: readonly Outgoing[], work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code = "BAD_MESSAGE", message, status } = error as PullError;
    const names = messages.map(({ userList, channelList }) => [
      ...userList.map((id) => `user ${id}`),
      ...channelList.map((id) => `channel ${fingerprint(String(id))}`),
    ]);
    throw new PullError(code, `publishing to ${names.join() || "nobody"}: ${message}`, status);
  }
}

/** The publishing methods of `BX.PULL`: they check what page code wants to send, and that it can be sent. */
export function createPublishing(host: Host, publish: Publish): PublishingApi {
  function checkClient(count: number): void {
    if (!host.isOpen_()) throw new PullError("NOT_CONNECTED", "the client is not connected");
    if (!host.config_().server.publish_enabled)
      throw new PullError("PUBLISHING_OFF", "the portal does not allow it");
    checkLimit(count, MAX_MESSAGES, "messages");
  }

  function checkMessage({ userList, channelList, body }: Outgoing): void {
    const own = Object.values(host.config_().channels).map(({ id }) => id);
    for (const id of channelList) {
      if (own.includes(id) || !PUBLIC_ID.test(id)) {
        throw new PullError("BAD_CHANNEL", `${fingerprint(String(id))} is no public channel id`);
      }
    }
    const count = userList.length + channelList.length;
    checkReceivers(count);
    if (!count || !body.module_id) throw new Error("receivers and body.module_id are needed");
  }

  async function send(given: readonly Publication[], batch = false): Promise<unknown> {
    const messages = ([] as Publication[]).concat(given).map((message): Outgoing => {
      const { userList, channelList, body, expiry } = Object(message) as Publication;
      const { module_id, command, params } = Object(body);
      return {
        // A single id is a list of one.
        userList: ([] as UserId[]).concat(firstGiven(userList, [])),
        channelList: ([] as string[]).concat(firstGiven(channelList, [])),
        body: { module_id, command, params },
        expiry: expiry || 0,
      };
    });
    await naming(messages, () => checkClient(messages.length));
    for (const message of messages) await naming([message], () => checkMessage(message));
    return publish(messages, batch);
  }

  return {
    sendMessage: (userList, module_id, command, params, expiry) =>
      send([{ userList, body: { module_id, command, params }, expiry }]),
    sendMessageToChannels: (channelList, module_id, command, params, expiry) =>
      send([{ channelList, body: { module_id, command, params }, expiry }]),
    sendMessageBatch: (messages) => send(messages, true),
  };
}
