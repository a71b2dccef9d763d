import { describe, expect, it } from "vitest";
import { newerConfig, newerPage, publicId } from "../support/page";

const body = { module_id: "test", command: "hello", params: {} };

describe.each([4, 5] as const)("what cannot be published to a server of version %i", (version) => {
  it.each([
    ["a private channel", `${"a".repeat(32)}:${"c".repeat(32)}.${"1".repeat(40)}`],
    ["no hex", `${"x".repeat(32)}.${"2".repeat(40)}`],
    ["an id that is too short", "abcd.ef"],
    ["half a byte of signature", `${"d".repeat(32)}.abc`],
    ["nothing", ""],
    ["a number", 7 as unknown as string],
  ])("is refused without asking the server: %s", async (_, id) => {
    const { env, pull } = await newerPage(version);
    await expect(pull.sendMessageToChannels([publicId("d"), id], "test", "hello")).rejects.toMatchObject({
      name: "PullError",
      code: "BAD_MESSAGE",
      message: expect.stringMatching(/#[0-9a-f]{8} is no public channel id/),
    });
    expect(env.socket.sent).toEqual([]);
  });

  it.each([
    ["101 messages", Array(101).fill({ userList: [1], body })],
    ["101 users", [{ userList: Array.from({ length: 101 }, (_, index) => index + 1), body }]],
    ["101 channels", [{ channelList: Array(101).fill(publicId("d")), body }]],
    ["more than a mebibyte", [{ userList: [1], body: { ...body, params: "ž".repeat(525_000) } }]],
  ])("is refused without asking the server: %s", async (_, messages) => {
    const { env, pull } = await newerPage(version);
    await expect(pull.sendMessageBatch(messages)).rejects.toMatchObject({
      code: "BAD_MESSAGE",
      message: expect.stringMatching(/, not 1 to /),
    });
    expect(env.socket.sent).toEqual([]);
  });

  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  it.each([
    ["for nobody", [{ userList: [], body }]],
    ["without a body", [{ userList: [1] }]],
    ["without a module", [{ userList: [1], body: { command: "c" } }]],
    ["without a command", [{ userList: [1], body: { module_id: "test" } }]],
    ["with params that are no JSON", [{ userList: [1], body: { ...body, params: cyclic } }]],
    ["that is nothing", [null]],
  ])("is refused without asking the server: a message %s", async (_, messages) => {
    const { env, pull } = await newerPage(version);
    await expect(pull.sendMessageBatch(messages as never)).rejects.toMatchObject({
      name: "PullError",
      code: "BAD_MESSAGE",
    });
    expect(env.socket.sent).toEqual([]);
  });

  it("is refused when the portal does not allow it", async () => {
    const { server } = newerConfig(version);
    const { pull } = await newerPage(version, { server: { ...server, publish_enabled: false } });
    expect(pull.isPublishingEnabled()).toBe(false);
    await expect(pull.sendMessage([1], "test", "hello")).rejects.toMatchObject({
      code: "PULL_DISABLED",
      message: "publishing to 1: off on the portal",
    });
  });

  it("is refused when there is no connection in time", async () => {
    const { env, pull } = await newerPage(version);
    env.socket.drop();
    const sent = pull.sendMessage([1], "test", "hello");
    const refused = expect(sent).rejects.toMatchObject({
      code: "NOT_CONNECTED",
      message: "publishing to 1: not connected",
    });
    await env.advance(10_000);
    await refused;
  });
});

it("takes one user or channel for a list of one", async () => {
  const { env, pull } = await newerPage(5);
  pull.sendMessage("7", "test", "hello");
  pull.sendMessageToChannels(publicId("d"), "test", "hello");
  await env.settle();
  expect(env.socket.sent.map((text) => JSON.parse(text as string).params)).toMatchObject([
    { userList: ["7"] },
    { channelList: [publicId("d")] },
  ]);
});
