import type { PublicChannel } from "../pull/config";
import { getOwn } from "../values";
import type { Host } from "./types";

/** Public channels of users. */
export interface PublicChannels {
  /** Makes sure that the channels of these users are known, if they have any. */
  load_(users: readonly string[]): Promise<void>;
  get_(user: string): PublicChannel | undefined;
}

/** Takes them from the configuration or asks the portal, and keeps each until its end. */
export function createPublicChannels(host: Host): PublicChannels {
  const found: Record<string, PublicChannel> = {};
  const asked = new Map<string, unknown>();

  function get(user: string): PublicChannel | undefined {
    return [found, Object(host.configs_.current_.publicChannels)]
      .map((channels) => getOwn<PublicChannel>(channels, user))
      .find((channel) => channel && !(Date.parse(channel.end as string) <= host.configs_.serverNow_()));
  }

  async function ask(users: readonly string[]): Promise<void> {
    try {
      Object.assign(found, await host.askPublicChannels_(users));
    } finally {
      for (const user of users) asked.delete(user);
    }
  }

  return {
    get_: get,
    async load_(users) {
      const unknown = users.filter((user) => !get(user) && !asked.has(user));
      const answer = unknown[0] && ask(unknown);
      for (const user of unknown) asked.set(user, answer);
      await Promise.all(users.map((user) => asked.get(user)));
    },
  };
}
