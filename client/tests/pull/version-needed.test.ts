import { describe, expect, it } from "vitest";
import { connectedPage } from "../support/page";

describe("methods of newer servers", () => {
  it.each([
    ["sendMessage", 4],
    ["sendMessageToChannels", 4],
    ["sendMessageBatch", 4],
    ["getUsersLastSeen", 5],
    ["ping", 5],
    ["listChannels", 5],
    ["subscribeUserStatusChange", 5],
    ["unsubscribeUserStatusChange", 5],
  ] as const)("%s() rejects with an error that names version %i", async (method, version) => {
    const { pull } = await connectedPage();
    await expect((pull[method] as () => Promise<unknown>)()).rejects.toMatchObject({
      code: "VERSION_NEEDED",
      message: expect.stringContaining(`version ${version} or newer`),
    });
  });
});
