import type { PublicChannel } from "../pull/config";
import { getOwn } from "../values";
import type { Host } from "./types";

/** Public channels of users. */
export interface PublicChannels {
  /** Makes sure that the channels of these users are known, if they have any. */
  load_(users: readonly string[]): Promise<void>;
  /** The public id with its signature behind a dot, if there is one. */
  get_(user: string): string | undefined;
  /** The server refused a channel: ask for all again. */
  forget_(): void;
}

/** Takes them from the configuration or asks the portal, and keeps each until its end. */
export function createPublicChannels(host: Host): PublicChannels {
  let found: Record<string, PublicChannel> = {};
  const asked = new Map<string, unknown>();

  function get(user: string): string | undefined {
    const { current_: config, serverNow_: now } = host.configs_;
    for (const channels of [found, Object(config.publicChannels)]) {
      const { public_id, signature = "", end } = Object(getOwn<PublicChannel>(channels, user));
      // What has no end, or none that can be read, is good.
      if (public_id && !(Date.parse(end) <= now())) return `${public_id}.${signature}`;
    }
    return undefined;
  }

  async function ask(users: readonly string[]): Promise<void> {
    try {
      const { getPublicListMethod = "pull.channel.public.list" } = host.options_;
      const answer = await host.callRest_(getPublicListMethod, { users });
      // No answer changes a prototype.
      found = { ...found, ...(answer as typeof found) };
    } finally {
      for (const user of users) asked.delete(user);
    }
  }

  return {
    get_: get,
    forget_() {
      // Those that the configuration names, too.
      found = host.configs_.current_.publicChannels = {};
    },
    async load_(users) {
      const unknown = users.filter((user) => !get(user) && !asked.has(user));
      const answer = unknown[0] && ask(unknown);
      for (const user of unknown) asked.set(user, answer);
      await Promise.all(users.map((user) => asked.get(user)));
    },
  };
}
