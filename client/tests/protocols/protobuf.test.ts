import { describe, expect, it } from "vitest";
import { FakeEnv } from "../support/fake-env";
import {
  NEVER,
  newerConfig,
  newerPage,
  nextMid,
  page,
  pollingPage,
  portal,
  publicId,
  type TestPage,
} from "../support/page";
import { decodeRequest, hex, protobufFrame } from "../support/protobuf";

const LIST = "pull.channel.public.list";
const channel = (user_id: number, digit: string, end = NEVER) => {
  const [public_id, signature] = publicId(digit).split(".");
  return { user_id, public_id, signature, end };
};
/** A connected page of a portal that knows these users' public channels. */
async function pageWith(channels: Record<string, object>): Promise<TestPage> {
  const made = await newerPage(4);
  made.env.respond = portal(newerConfig(4), { [LIST]: channels });
  return made;
}
const sent = ({ env }: TestPage) =>
  env.socket.sent.flatMap(
    (data) => decodeRequest(data as Uint8Array).requests[0]?.incomingMessages.messages ?? [],
  );
const lookups = ({ env }: TestPage) =>
  env.requests.filter(({ url }) => url.includes(LIST)).map(({ body }) => body);

describe("a server of version 4", () => {
  it("is asked for protobuf, and its events reach handlers with their sender", async () => {
    const { env, pull, BX } = await newerPage(4);
    expect(env.socket.url.split("?")[1]).toBe(
      `CHANNEL_ID=${"a".repeat(32)}%3A${"c".repeat(32)}.${"1".repeat(40)}%2F${"b".repeat(32)}.${"2".repeat(40)}&binaryMode=true&revision=19`,
    );
    expect(env.socket.binaryType).toBe("arraybuffer");
    const heard: unknown[] = [];
    BX.addCustomEvent("onPullEvent-test", (...args: unknown[]) => heard.push(args));
    const mid = nextMid();
    env.socket.receive(protobufFrame("Test", "check", { id: 1 }, { mid }));
    expect(heard).toEqual([["check", { id: 1 }, { sender: { type: 2, id: "" } }]]);
    expect(pull.getDebugInfo()).toMatchObject({ "Last message": mid, "WebSocket mode": "protobuf" });
    expect([pull.isProtobufSupported(), pull.isJsonRpc(), pull.isPublishingEnabled()]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("continues from the message id when the connection comes back", async () => {
    const { env } = await newerPage(4);
    const mid = nextMid();
    env.socket.receive(protobufFrame("m", "c", {}, { mid }));
    env.socket.drop();
    await env.until(() => env.sockets.length > 1);
    expect(env.socket.url).toMatch(new RegExp(`&binaryMode=true&mid=${mid}&revision=19$`));
  });

  it("hands over what other browsers published as client events, and to nobody else", async () => {
    const { env, pull, BX } = await newerPage(4);
    const heard: unknown[] = [];
    for (const name of [
      "onPullEvent",
      "onPullClientEvent-test",
      "onPullClientEvent",
      "onPullClient-test",
      "onPullClient",
    ]) {
      BX.addCustomEvent(name, (...args: unknown[]) => heard.push([name, ...args]));
    }
    pull.subscribe({ moduleId: "test", callback: () => heard.push("server") });
    pull.subscribe({
      type: "client",
      moduleId: "test",
      callback: (...args: unknown[]) => heard.push(["subscribe", ...args]),
    });
    env.socket.receive(protobufFrame("test", "hello", { from: 1 }, { type: 1 }));
    const extra = { sender: { type: 1, id: "" } };
    const whole = { module_id: "test", command: "hello", params: { from: 1 }, extra };
    expect(heard).toEqual([
      ["onPullClientEvent-test", "hello", { from: 1 }, extra],
      ["onPullClientEvent", "test", "hello", { from: 1 }, extra],
      ["onPullClient-test", whole],
      ["onPullClient", whole],
      ["subscribe", { command: "hello", params: { from: 1 }, extra }, { type: "client", moduleId: "test" }],
    ]);
  });

  it("does not obey system commands of other browsers", async () => {
    const { env } = await newerPage(4);
    env.socket.receive(protobufFrame("pull", "config_expire", {}, { type: 1 }));
    await env.settle();
    expect(env.socket.closedWith).toBeNull();
  });

  it("does not take the word of other browsers for who is online", async () => {
    const { env, BX } = await newerPage(4);
    const heard: unknown[] = [];
    BX.addCustomEvent("onPullOnlineEvent", () => heard.push("online"));
    BX.addCustomEvent("onPullClientEvent-online", () => heard.push("client"));
    env.socket.receive(protobufFrame("online", "user_online", {}, { type: 1 }));
    expect(heard).toEqual(["client"]);
  });
});

describe("publishing over a socket", () => {
  it("goes to the user's public channel, at once when the configuration names it", async () => {
    const made = await newerPage(4);
    const published = made.pull.sendMessage([1], "test", "hello", { from: 1 }, 60);
    await made.env.settle();
    expect(sent(made)).toEqual([
      {
        receivers: [expect.anything()],
        body: '{"module_id":"test","command":"hello","params":{"from":1}}',
        expiry: 60,
      },
    ]);
    const [receiver] = sent(made)[0]?.receivers ?? [];
    expect([hex(receiver?.id ?? new Uint8Array()), hex(receiver?.signature ?? new Uint8Array())]).toEqual(
      publicId("c").split("."),
    );
    await made.env.advance(500);
    expect(await published).toBe(true);
    expect(lookups(made)).toEqual([]);
  });

  it("asks the portal for the channels of other users, once until they end", async () => {
    const made = await newerPage(4);
    const end = new Date(made.env.time + 60_000).toISOString();
    made.env.respond = portal(newerConfig(4), { [LIST]: { 2: channel(2, "d", end), 3: channel(3, "e") } });
    const send = async () => {
      const published = made.pull.sendMessage([2, 3], "test", "hello");
      await made.env.advance(600);
      await published;
    };
    await send();
    await send();
    expect(lookups(made)).toEqual(["users[0]=2&users[1]=3"]);
    await made.env.advance(60_000);
    // After a minute of silence another socket takes over.
    made.env.socket.accept();
    made.env.respond = portal(newerConfig(4), { [LIST]: { 2: channel(2, "9") } });
    await send();
    expect(lookups(made)).toEqual(["users[0]=2&users[1]=3", "users[0]=2"]);
    expect(hex(sent(made)[0]?.receivers[0]?.id ?? new Uint8Array())).toBe("9".repeat(32));
  });

  it("asks once for a user whom several messages at once are for", async () => {
    const made = await pageWith({ 2: channel(2, "d"), 3: channel(3, "e") });
    made.pull.sendMessage([2], "test", "a");
    made.pull.sendMessage([2, 3], "test", "b");
    made.pull.sendMessage([3], "test", "c");
    await made.env.advance(500);
    expect(lookups(made)).toEqual(["users[0]=2", "users[0]=3"]);
    expect(sent(made)).toHaveLength(3);
  });

  it("asks again after a look-up that failed", async () => {
    const made = await newerPage(4);
    made.env.respond = () => ({ status: 500, body: { error: "SERVER_ERROR", error_description: "broken" } });
    await expect(made.pull.sendMessage([2], "test", "a")).rejects.toMatchObject({
      code: "SERVER_ERROR",
      message: expect.stringMatching(/to 2: pull\.channel\.public\.list: broken/),
    });
    made.env.respond = portal(newerConfig(4), { [LIST]: { 2: channel(2, "d") } });
    const published = made.pull.sendMessage([2], "test", "a");
    await made.env.advance(500);
    expect(await published).toBe(true);
  });

  it("asks again for channels after the server refused one, which may have been replaced", async () => {
    const made = await pageWith({ 2: channel(2, "d") });
    const send = () => made.pull.sendMessage([2], "test", "a").catch(({ code }: { code: string }) => code);
    send();
    await made.env.advance(500);
    const refused = send();
    await made.env.settle();
    made.env.socket.drop(4021, "wrong signature");
    expect(await refused).toBe("PUBLISH_REFUSED");
    await made.env.until(() => made.env.sockets.length > 1);
    made.env.socket.accept();
    made.env.respond = portal(newerConfig(4), { [LIST]: { 2: channel(2, "e") } });
    const published = send();
    await made.env.advance(500);
    expect(await published).toBe(true);
    expect(hex(sent(made)[0]?.receivers[0]?.id ?? new Uint8Array())).toBe("e".repeat(32));
  });

  it("asks for a channel that the configuration names once the server refused it", async () => {
    const made = await newerPage(4);
    const refused = made.pull.sendMessage([1], "test", "a").catch(({ code }: { code: string }) => code);
    await made.env.settle();
    made.env.socket.drop(4017, "no channels found");
    expect(await refused).toBe("PUBLISH_REFUSED");
    await made.env.until(() => made.env.sockets.length > 1);
    made.env.socket.accept();
    made.env.respond = portal(newerConfig(4), { [LIST]: { 1: channel(1, "e") } });
    const published = made.pull.sendMessage([1], "test", "a");
    await made.env.advance(500);
    expect(await published).toBe(true);
    expect(hex(sent(made)[0]?.receivers[0]?.id ?? new Uint8Array())).toBe("e".repeat(32));
  });

  it("sends what it was given, whatever the page does to its objects afterwards", async () => {
    const made = await newerPage(4);
    const [users, params] = [[1], { n: 1 }];
    const published = made.pull.sendMessage(users, "test", "a", params);
    users[0] = 9;
    params.n = 2;
    await made.env.advance(500);
    expect(await published).toBe(true);
    expect(sent(made)[0]?.body).toContain('"params":{"n":1}');
  });

  it("asks for no channel while there is no connection", async () => {
    for (const end of ["stop", "disconnect"] as const) {
      const made = await pageWith({ 2: channel(2, "d") });
      made.pull[end]();
      await expect(made.pull.sendMessage([2], "test", "a")).rejects.toMatchObject({ code: "NOT_CONNECTED" });
      expect(lookups(made)).toEqual([]);
    }
  });

  it("is refused for everyone when a user has no public channel", async () => {
    const made = await pageWith({ 2: channel(2, "d") });
    await expect(made.pull.sendMessage([1, 2, 3, 4], "test", "a")).rejects.toMatchObject({
      code: "NO_PUBLIC_CHANNEL",
      message: expect.stringContaining("3,4"),
    });
    expect(made.env.socket.sent).toEqual([]);
  });

  it("takes public channel ids, and several messages in one frame", async () => {
    const made = await newerPage(4);
    made.pull.sendMessageToChannels([publicId("d")], "test", "a", { a: 1 });
    made.pull.sendMessageBatch([
      { userList: [1], channelList: [publicId("e")], body: { module_id: "test", command: "b1", params: {} } },
      { userList: [1], body: { module_id: "test", command: "b2", params: {} }, expiry: 5 },
    ]);
    await made.env.advance(500);
    expect(made.env.socket.sent).toHaveLength(2);
    expect(
      sent(made).map(({ receivers, expiry }) => [receivers.map(({ id }) => hex(id)[0]), expiry]),
    ).toEqual([
      [["d"], 0],
      [["c", "e"], 0],
      [["c"], 5],
    ]);
  });

  it("is refused when the server closes the connection for it", async () => {
    for (const [code, reason] of [
      [4018, "too many channels"],
      [4012, "no public channel"],
      [4021, "wrong signature"],
    ] as const) {
      const { env, pull } = await newerPage(4);
      const published = pull.sendMessage([1], "test", "a");
      await env.advance(100);
      env.socket.drop(code, reason);
      await expect(published).rejects.toMatchObject({
        code: "PUBLISH_REFUSED",
        message: `publishing to 1: closed with ${code} ${reason}`,
      });
    }
  });

  it("does not count as done when the connection is lost right after", async () => {
    for (const end of ["drop", "stop"] as const) {
      const { env, pull } = await newerPage(4);
      const published = pull.sendMessage([1], "test", "a");
      await env.settle();
      if (end === "drop") env.socket.drop();
      else pull.stop();
      await expect(published).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    }
  });

  it("never shows a channel id in what it rejects with", async () => {
    const { env, pull } = await newerPage(4);
    const published = pull.sendMessageToChannels([publicId("d")], "test", "a");
    await env.settle();
    env.socket.drop(4017, "no channels found");
    const { message } = (await published.catch(
      (error: Error) => error as Error & { message: string },
    )) as Error;
    expect(message).toMatch(/^publishing to #[0-9a-f]{8}: closed with 4017/);
    expect(message).not.toContain("d".repeat(8));
  });

  it.each([2 ** 32, -1, Number.POSITIVE_INFINITY, "soon"])("refuses an expiry of %s", async (expiry) => {
    const { pull, env } = await newerPage(4);
    await expect(pull.sendMessage([1], "m", "c", {}, expiry as number)).rejects.toMatchObject({
      code: "BAD_MESSAGE",
      message: expect.stringContaining(`${expiry} seconds of expiry, not 1 to 4294967295`),
    });
    expect(env.socket.sent).toEqual([]);
  });

  it("counts all channels of a request", async () => {
    const { pull } = await newerPage(4);
    const messages = Array.from({ length: 60 }, () => ({
      userList: [1],
      channelList: [publicId("d")],
      body: { module_id: "m", command: "c" },
    }));
    await expect(pull.sendMessageBatch(messages)).rejects.toMatchObject({ code: "BAD_MESSAGE" });
  });
});

describe("publishing while long polling", () => {
  it("posts the bytes to the publishing address, without a header that needs a question first", async () => {
    const made = await pollingPage();
    const published = made.pull.sendMessage([1], "test", "hello", { from: 1 }, 60);
    await made.env.settle();
    expect(await published).toBe(true);
    const { url, init } = made.env.requests.at(-1) ?? expect.unreachable();
    expect(url).toBe("http://push.example/bitrix/pubweb/?binaryMode=true");
    expect([init.method, init.headers]).toEqual(["POST", undefined]);
    expect(decodeRequest(init.body as Uint8Array).requests[0]?.incomingMessages.messages).toHaveLength(1);
  });

  it("uses the secure address on a secure page, and says who asks in the cloud", async () => {
    const env = new FakeEnv();
    env.secure = true;
    const { server } = newerConfig(4);
    const cloud = newerConfig(4, {
      server: { ...server, mode: "shared", hostname: "site.example" },
      clientId: "client",
    });
    const made = await pollingPage(cloud, env);
    await made.pull.sendMessage([1], "test", "hello");
    expect(env.requests.at(-1)?.url).toBe(
      "https://push.example/bitrix/pubweb/?binaryMode=true&clientId=client&hostname=site.example",
    );
  });

  it("rejects with the status of a refusal", async () => {
    const made = await pollingPage();
    made.env.respond = () => ({ status: 403, body: "4021 the signature is wrong" });
    await expect(made.pull.sendMessage([1], "test", "a")).rejects.toMatchObject({
      code: "PUBLISH_REFUSED",
      status: 403,
      message: "publishing to 1: HTTP 403 4021 the signature is wrong",
    });
  });

  it("rejects when the network is down, and when no answer comes in time", async () => {
    const made = await pollingPage();
    made.env.respond = () => {
      throw new TypeError("down");
    };
    await expect(made.pull.sendMessage([1], "test", "a")).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    made.env.respond = () => new Promise(() => {});
    const published = made.pull.sendMessage([1], "test", "a");
    published.catch(() => {});
    await made.env.advance(15_000);
    await expect(published).rejects.toMatchObject({ code: "TIMEOUT" });
    expect(made.env.requests.at(-1)?.signal?.aborted).toBe(true);
  });

  it("rejects when the configuration names no address", async () => {
    const { publish, publish_secure, ...server } = newerConfig(4).server;
    const made = await pollingPage(newerConfig(4, { server }));
    await expect(made.pull.sendMessage([1], "test", "a")).rejects.toMatchObject({ code: "PULL_DISABLED" });
  });

  it("leaves no request behind when the client stops", async () => {
    const made = await pollingPage();
    made.env.respond = () => new Promise(() => {});
    const published = made.pull.sendMessage([1], "test", "a");
    await made.env.settle();
    made.pull.stop();
    await expect(published).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    expect(made.env.requests.at(-1)?.signal?.aborted).toBe(true);
    expect(made.env.timerCount + made.env.listenerCount).toBe(0);
  });
});

it("a version 4 server and a bundle without protobuf cannot publish", async () => {
  const made = page();
  expect(made.pull.isPublishingEnabled()).toBe(false);
  await expect(made.pull.sendMessage([1], "m", "c")).rejects.toMatchObject({ code: "NOT_CONNECTED" });
});
