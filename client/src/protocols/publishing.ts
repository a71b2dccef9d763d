import { clone } from "../bx/clone";
import { disabledByPortal, PullError } from "../errors";
import { fingerprint } from "../fingerprint";
import type { Publication, PublishingApi } from "../pull/api";
import { firstGiven } from "../values";
import type { Host } from "./types";

/** Limits of push servers. */
export const MAX_RECEIVERS = 100;
const MAX_MESSAGES = 100;
const MAX_BYTES = 1_048_576;

/** A public id and, unless nothing is signed, its signature; a private one has a colon. */
const PUBLIC_ID = /^[0-9a-f]{32}(\.([0-9a-f]{2})+)?$/i;

/**
 * Sends checked messages: a promise for each of them, or one for all.
 *
 * @param batch - they were given as a list
 */
export type Publish = (messages: Publication[], batch: boolean) => Promise<unknown>[];

function check(isGood: unknown, problem: string): void {
  if (!isGood) throw new Error(problem);
}

export function checkCount(count: number, limit: number, what: string): void {
  check(count > 0 && count <= limit, `${count} ${what}, not 1 to ${limit}`);
}

export const checkSize = ({ length }: Uint8Array) => checkCount(length, MAX_BYTES, "bytes");

/** A list, or a single value as a list of one. */
export const listOf = <T>(value: readonly T[] | T | undefined) =>
  ([] as T[]).concat(firstGiven(value, []) as T[]);

/** Users, and channels by their fingerprints. */
const receivers = ({ userList, channelList }: Publication) => [
  ...listOf(userList),
  ...listOf(channelList).map(fingerprint),
];

/** The publishing methods of `BX.PULL`: they check what page code wants to send, and name it in what they reject with. */
export function createPublishing(host: Host, publish: Publish): PublishingApi {
  async function send(given: readonly Publication[], batch = false): Promise<unknown> {
    // A copy: what the page does to its objects while the message waits for a look-up does not change the message.
    const messages = clone(listOf(given)).map(Object) as Publication[];
    // Those that are to blame, should something be wrong.
    let about = messages;
    try {
      if (!host.configs_.current_.server.publish_enabled) throw disabledByPortal();
      checkCount(messages.length, MAX_MESSAGES, "messages");
      for (const message of messages) {
        checkCount(receivers(message).length, MAX_RECEIVERS, "receivers");
        const { module_id, command } = Object(message.body);
        check(module_id && command, "no module_id or command");
        for (const id of listOf(message.channelList)) {
          check(PUBLIC_ID.test(id), `${fingerprint(id)} is no public channel id`);
        }
      }
      const answers = publish(messages, batch);
      // Looked at one after the other, but each is waited for.
      Promise.all(answers).catch(() => {});
      const results: unknown[] = [];
      for (const answer of answers) {
        if (answers[1]) about = [messages[results.length] as Publication];
        results.push(await answer);
      }
      return batch ? results : results[0];
    } catch (error) {
      const { code = "BAD_MESSAGE", message, status } = error as PullError;
      throw new PullError(code, `publishing to ${about.map(receivers)}: ${message}`, status);
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
