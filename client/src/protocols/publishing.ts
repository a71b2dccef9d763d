import { PullError } from "../errors";
import { fingerprint } from "../fingerprint";
import type { Publication, PublishingApi, UserId } from "../pull/api";
import { firstGiven } from "../values";
import type { Host } from "./types";

/** Limits of push servers, protocol.md §7: of messages and of receivers. */
const MAX_COUNT = 100;
const MAX_BYTES = 1_048_576;

/** A public id and, unless nothing is signed, its signature; a private one has a colon. */
const PUBLIC_ID = /^[0-9a-f]{32}(\.([0-9a-f]{2})+)?$/i;

/** A message to publish, complete. */
export interface Outgoing {
  userList: UserId[];
  channelList: string[];
  body: Publication["body"];
  expiry: number;
}

/**
 * Sends checked messages: a promise for each of them, or one for all.
 *
 * @param batch - they were given as a list
 */
export type Publish = (messages: Outgoing[], batch: boolean) => Promise<unknown>[];

function check(isGood: unknown, problem: string): void {
  if (!isGood) throw new Error(problem);
}

export function checkCount(count: number, what: string): void {
  check(count && count <= MAX_COUNT, `${count} ${what}: 1 to ${MAX_COUNT} are allowed`);
}

export function checkSize(bytes: Uint8Array): void {
  check(bytes.length <= MAX_BYTES, `${bytes.length} bytes: ${MAX_BYTES} are allowed`);
}

/** A list, or a single value as a list of one. */
const listOf = <T>(value: readonly T[] | T | undefined) => ([] as T[]).concat(firstGiven(value, []) as T[]);

/** The publishing methods of `BX.PULL`: they check what page code wants to send, and name it in what they reject with. */
export function createPublishing(host: Host, publish: Publish): PublishingApi {
  async function send(given: readonly Publication[], batch = false): Promise<unknown> {
    // Whom it is about, should something be wrong.
    let about: Outgoing[] = [];
    try {
      const { server, channels } = host.configs_.current_;
      const own = Object.values(channels).map(({ id }) => id);
      const messages = listOf(given).map((message) => {
        const { userList, channelList, body, expiry } = Object(message);
        const { module_id, command, params } = Object(body);
        return {
          userList: listOf<UserId>(userList),
          channelList: listOf(channelList).map(String),
          body: { module_id, command, params },
          expiry: expiry || 0,
        };
      });
      about = messages;
      if (!server.publish_enabled) throw new PullError("PUBLISHING_OFF", "the portal does not allow it");
      checkCount(messages.length, "messages");
      for (const message of messages) {
        about = [message];
        const { userList, channelList, body } = message;
        checkCount(userList.length + channelList.length, "receivers");
        check(body.module_id, "there is no body.module_id");
        for (const id of channelList) {
          check(PUBLIC_ID.test(id) && !own.includes(id), `${fingerprint(id)} is no public channel id`);
        }
      }
      about = messages;
      const answers = publish(messages, batch);
      // They are all looked at below, but one after the other.
      Promise.all(answers).catch(() => {});
      const results: unknown[] = [];
      for (const [index, answer] of answers.entries()) {
        if (answers[1]) about = messages.slice(index, index + 1);
        results.push(await answer);
      }
      return batch ? results : results[0];
    } catch (error) {
      const { code = "BAD_MESSAGE", message, status } = error as PullError;
      const names = about.map(({ userList, channelList }) => [...userList, ...channelList.map(fingerprint)]);
      throw new PullError(code, `publishing to ${names}: ${message}`, status);
    }
  }

  return {
    sendMessage: (userList, module_id, command, params, expiry) =>
      send([{ userList, body: { module_id, command, params }, expiry }]),
    sendMessageToChannels: (channelList, module_id, command, params, expiry) =>
      send([{ channelList, body: { module_id, command, params }, expiry }]),
    sendMessageBatch: (messages) => send(messages, true),
  };
}
