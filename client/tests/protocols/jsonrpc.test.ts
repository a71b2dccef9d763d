import { describe, expect, it } from "vitest";
import {
  newerConfig,
  newerPage,
  nextMid,
  pollingPage,
  publicId,
  rpcFrame,
  type TestPage,
} from "../support/page";

const sent = ({ env }: TestPage) => env.socket.sent;
const answer = ({ env }: TestPage, id: number, result: unknown) =>
  env.socket.receive(JSON.stringify({ jsonrpc: "2.0", result, id }));
const refuse = ({ env }: TestPage, id: number, code: number, message: string) =>
  env.socket.receive(JSON.stringify({ jsonrpc: "2.0", error: { code, message }, id }));

describe("a server of version 5", () => {
  it("is shown the token instead of channels, and asked for JSON-RPC", async () => {
    const { env, pull } = await newerPage(5);
    expect(env.socket.url.split("?")[1]).toBe("token=header.claims.signature&jsonRpc=true&revision=19");
    expect(pull.getDebugInfo()).toMatchObject({
      "WebSocket mode": "json-rpc",
      Path: expect.stringMatching(/token=#[0-9a-f]{8}&jsonRpc=true/),
    });
    expect([pull.isProtobufSupported(), pull.isJsonRpc(), pull.isPublishingEnabled()]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("may give the number of a request back as a text", async () => {
    const made = await newerPage(5);
    const found = made.pull.listChannels();
    await made.env.settle();
    const { id } = JSON.parse(String(sent(made)[0]));
    made.env.socket.receive(JSON.stringify({ jsonrpc: "2.0", result: ["a"], id: `${id}` }));
    await made.env.advance(5000);
    expect(await found).toEqual(["a"]);
  });

  it("is told of every message that came, be it known already or too old for the handlers", async () => {
    const made = await newerPage(5);
    const heard: unknown[] = [];
    for (const name of ["onPullEvent", "onPullOnlineEvent"]) {
      made.BX.addCustomEvent(name, (...args: unknown[]) => heard.push(args));
    }
    const [one, two] = [nextMid(), nextMid()];
    const stale = { server_time_unix: made.env.time / 1000 - 300 };
    made.env.socket.receive(rpcFrame("m", "c", {}, { mid: one }));
    made.env.socket.receive(rpcFrame("m", "c", {}, { mid: one }));
    made.env.socket.receive(rpcFrame("online", "user_online", {}, { mid: two, extra: stale }));
    made.env.socket.receive(rpcFrame("m", "c", {}, { mid: "" }));
    expect(sent(made)).toEqual([`mack:${one}`, `mack:${one}`, `mack:${two}`]);
    expect(heard).toEqual([
      ["m", "c", {}, { sender: { type: 2 } }],
      ["m", "c", {}, { sender: { type: 2 } }],
    ]);
  });

  it("is not told of messages that ended the connection, nor of those behind", async () => {
    for (const last of [
      rpcFrame("pull", "config_expire"),
      rpcFrame("pull", "channel_expire"),
      rpcFrame("m", "c", {}, { extra: { revision_web: 20 } }),
    ]) {
      const made = await newerPage(5);
      const [socket] = made.env.sockets;
      const mid = nextMid();
      socket?.receive(`[${rpcFrame("m", "a", {}, { mid })},${last},${rpcFrame("m", "b")}]`);
      await made.env.settle();
      expect(socket?.sent).toEqual([`mack:${mid}`]);
      expect(made.env.sockets[1]?.sent ?? []).toEqual([]);
    }
  });

  it("is told of a message only when the handlers have had it", async () => {
    const made = await newerPage(5);
    const sentBefore: number[] = [];
    made.BX.addCustomEvent("onPullEvent", () => sentBefore.push(sent(made).length));
    made.env.socket.receive(rpcFrame("m", "c"));
    expect([sentBefore, sent(made).length]).toEqual([[0], 1]);
  });

  it("may hand on what another page gave as the time of its event: those behind it are heard", async () => {
    const made = await newerPage(5);
    const heard: unknown[] = [];
    made.BX.addCustomEvent("onPullClientEvent", (_: string, command: string) => heard.push(command));
    const odd = { server_time_unix: { toString: null } };
    made.env.socket.receive(
      `[${rpcFrame("m", "a", {}, { type: 1, extra: odd })},${rpcFrame("m", "b", {}, { type: 1 })}]`,
    );
    expect(heard).toEqual(["a", "b"]);
  });

  it("gets pong for ping, and its batches are read", async () => {
    const made = await newerPage(5);
    const heard: string[] = [];
    made.BX.addCustomEvent("onPullEvent", (_: string, command: string) => heard.push(command));
    made.env.socket.receive("ping");
    made.env.socket.receive(`[${rpcFrame("m", "a")},${rpcFrame("m", "b")}]`);
    expect(sent(made)[0]).toBe("pong");
    expect(heard).toEqual(["a", "b"]);
  });

  it("that says nothing for 20 seconds is left for a new connection, and one that speaks is not", async () => {
    const { env, statuses } = await newerPage(5);
    for (let turn = 0; turn < 5; turn++) {
      await env.advance(19_000);
      env.socket.receive(turn % 2 ? "ping" : rpcFrame("m", "c"));
    }
    expect(env.sockets).toHaveLength(1);
    await env.advance(19_999);
    expect(env.sockets).toHaveLength(1);
    await env.advance(5002);
    expect(env.sockets[0]?.closedWith).toEqual([3005, "stuck"]);
    expect(env.sockets).toHaveLength(2);
    env.socket.accept();
    expect(statuses.slice(-2)).toEqual(["connect", "online"]);
    await env.advance(19_000);
    expect(env.sockets).toHaveLength(2);
  });

  it("is not waited for once the client has stopped", async () => {
    const { env, pull } = await newerPage(5);
    pull.stop();
    expect(env.timerCount + env.listenerCount).toBe(0);
  });
});

describe("requests", () => {
  it("publish as a shipped client does, and resolve with the answer", async () => {
    const made = await newerPage(5);
    const one = made.pull.sendMessage([1], "test", "hello", { from: 1 }, 60);
    const two = made.pull.sendMessage([2, 3], "test", "hello", { to: "two" });
    const three = made.pull.sendMessageToChannels([publicId("d")], "test", "tochannel", { a: 1 }, 0);
    const batch = made.pull.sendMessageBatch([
      { userList: [1], body: { module_id: "test", command: "b1", params: {} } },
      { userList: [1], body: { module_id: "test", command: "b2", params: {} } },
    ]);
    await made.env.settle();
    expect(sent(made)).toEqual([
      '{"jsonrpc":"2.0","method":"publish","params":{"userList":[1],"body":{"module_id":"test","command":"hello","params":{"from":1}},"expiry":60},"id":1}',
      '{"jsonrpc":"2.0","method":"publish","params":{"userList":[2,3],"body":{"module_id":"test","command":"hello","params":{"to":"two"}}},"id":2}',
      `{"jsonrpc":"2.0","method":"publish","params":{"channelList":["${publicId("d")}"],"body":{"module_id":"test","command":"tochannel","params":{"a":1}}},"id":3}`,
      '[{"jsonrpc":"2.0","method":"publish","params":{"userList":[1],"body":{"module_id":"test","command":"b1","params":{}}},"id":4},{"jsonrpc":"2.0","method":"publish","params":{"userList":[1],"body":{"module_id":"test","command":"b2","params":{}}},"id":5}]',
    ]);
    answer(made, 3, { third: true });
    answer(made, 1, true);
    answer(made, 2, true);
    made.env.socket.receive(
      '[{"jsonrpc":"2.0","result":"b2","id":5},{"jsonrpc":"2.0","result":"b1","id":4}]',
    );
    expect(await Promise.all([one, two, three, batch])).toEqual([true, true, { third: true }, ["b1", "b2"]]);
  });

  it("ask what newer servers know, in the words of a shipped client", async () => {
    const made = await newerPage(5);
    const answers = Promise.all([
      made.pull.ping(),
      made.pull.getUsersLastSeen([1, 2]),
      made.pull.listChannels(),
    ]);
    await made.env.settle();
    expect(sent(made)).toEqual([
      '{"jsonrpc":"2.0","method":"ping","params":{},"id":1}',
      '{"jsonrpc":"2.0","method":"getUsersLastSeen","params":{"userList":[1,2]},"id":2}',
      '{"jsonrpc":"2.0","method":"listChannels","params":{},"id":3}',
    ]);
    answer(made, 1, "pong");
    answer(made, 2, { 1: 0 });
    answer(made, 3, []);
    expect(await answers).toEqual(["pong", { 1: 0 }, []]);
  });

  it("reject with the server's code and sentence, naming whom the message was for", async () => {
    const made = await newerPage(5);
    const batch = made.pull.sendMessageBatch([
      { userList: [1], body: { module_id: "test", command: "b1" } },
      { userList: [7], channelList: [publicId("d")], body: { module_id: "test", command: "b2" } },
    ]);
    await made.env.settle();
    const seen = made.pull.getUsersLastSeen([1]);
    await made.env.settle();
    answer(made, 1, true);
    refuse(made, 2, -32602, "no such user");
    refuse(made, 3, -32601, "no such method");
    await expect(batch).rejects.toMatchObject({
      name: "PullError",
      code: "-32602",
      message: expect.stringMatching(/^publishing to 7,#[0-9a-f]{8}: no such user$/),
    });
    await expect(seen).rejects.toMatchObject({ code: "-32601", message: "no such method" });
  });

  it("reject after five seconds without an answer, or as long as ping() is told", async () => {
    const made = await newerPage(5);
    const settled: string[] = [];
    const note = (name: string) => (error: { code: string }) => settled.push(`${name} ${error.code}`);
    made.pull.sendMessage([1], "test", "hello").catch(note("publish"));
    made.pull.ping(2).catch(note("ping"));
    await made.env.advance(1999);
    expect(settled).toEqual([]);
    await made.env.advance(1);
    expect(settled).toEqual(["ping TIMEOUT"]);
    await made.env.advance(3000);
    expect(settled).toEqual(["ping TIMEOUT", "publish TIMEOUT"]);
    answer(made, 1, "too late");
    expect(made.env.printed).toEqual([]);
  });

  it("reject when the connection goes, whoever ended it; the ids count on", async () => {
    for (const end of ["drop", "reconnect", "disconnect", "stop"] as const) {
      const made = await newerPage(5);
      const pinged = made.pull.ping();
      await made.env.settle();
      if (end === "drop") made.env.socket.drop();
      else made.pull[end]();
      await expect(pinged).rejects.toMatchObject({ code: "CONNECTION_LOST" });
      if (end === "disconnect" || end === "stop") made.pull.connect();
      await made.env.until(() => made.env.sockets.length > 1);
      made.env.socket.accept();
      made.pull.ping().catch(() => {});
      await made.env.settle();
      expect(sent(made)).toEqual(['{"jsonrpc":"2.0","method":"ping","params":{},"id":2}']);
    }
  });

  it("reject while long polling, which cannot send", async () => {
    const { pull } = await pollingPage(newerConfig(5));
    for (const request of [pull.sendMessage([1], "m", "c"), pull.ping(), pull.listChannels()]) {
      await expect(request).rejects.toMatchObject({
        code: "NOT_CONNECTED",
        message: expect.stringContaining("long polling"),
      });
    }
  });
});
