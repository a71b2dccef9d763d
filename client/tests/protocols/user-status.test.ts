import { describe, expect, it } from "vitest";
import { newerConfig, newerPage, pollingPage, rpcFrame, type TestPage } from "../support/page";

const requests = ({ env }: TestPage) =>
  env.socket.sent.flatMap((text) => (String(text).startsWith("{") ? [JSON.parse(text as string)] : []));
const acknowledge = (made: TestPage) => {
  for (const { id } of requests(made))
    made.env.socket.receive(JSON.stringify({ jsonrpc: "2.0", result: true, id }));
};
const change = ({ env }: TestPage, user_id: number, online: boolean) =>
  env.socket.receive(rpcFrame("online", "userStatusChange", { user_id, online }));
const reopen = async ({ env }: TestPage) => {
  const count = env.sockets.length;
  env.socket.drop();
  await env.until(() => env.sockets.length > count);
  env.socket.accept();
  await env.settle();
};

describe("subscribeUserStatusChange()", () => {
  it("tells when the user comes and goes, and presence handlers hear it as well", async () => {
    const made = await newerPage(5);
    const heard: unknown[] = [];
    const subscribed = made.pull.subscribeUserStatusChange(2, (status) => heard.push(status));
    made.BX.addCustomEvent("onPullOnlineEvent", (command: string) => heard.push(command));
    await made.env.settle();
    expect(requests(made)).toEqual([
      { jsonrpc: "2.0", method: "subscribeStatusChange", params: { userId: 2 }, id: 1 },
    ]);
    acknowledge(made);
    expect(await subscribed).toBe(true);
    change(made, 2, true);
    change(made, 3, true);
    change(made, 2, false);
    expect(heard).toEqual([
      "userStatusChange",
      { userId: 2, isOnline: true },
      "userStatusChange",
      "userStatusChange",
      { userId: 2, isOnline: false },
    ]);
  });

  it("rejects what is no callback, and asks the server for the next one all the same", async () => {
    const made = await newerPage(5);
    for (const nothing of [undefined, "name"]) {
      await expect(made.pull.subscribeUserStatusChange(2, nothing as never)).rejects.toMatchObject({
        code: "BAD_SUBSCRIPTION",
      });
    }
    const subscribed = made.pull.subscribeUserStatusChange(2, () => {});
    await made.env.settle();
    expect(requests(made).map(({ method }) => method)).toEqual(["subscribeStatusChange"]);
    acknowledge(made);
    expect(await subscribed).toBe(true);
  });

  it("asks the server once for each user, however many want to know", async () => {
    const made = await newerPage(5);
    const heard: string[] = [];
    const one = () => heard.push("one");
    const all = Promise.all([
      made.pull.subscribeUserStatusChange(2, one),
      made.pull.subscribeUserStatusChange(2, one),
      made.pull.subscribeUserStatusChange("2", () => heard.push("two")),
      made.pull.subscribeUserStatusChange(3, one),
    ]);
    await made.env.settle();
    expect(requests(made).map(({ params }) => params.userId)).toEqual([2, 3]);
    acknowledge(made);
    await all;
    change(made, 2, true);
    expect(heard).toEqual(["one", "two"]);
  });

  it("asks again on every new connection", async () => {
    const made = await newerPage(5);
    made.pull.subscribeUserStatusChange(2, () => {});
    made.pull.subscribeUserStatusChange(3, () => {});
    await made.env.settle();
    acknowledge(made);
    await made.env.settle();
    for (const first of [3, 5]) {
      await reopen(made);
      expect(requests(made)).toMatchObject([
        { method: "subscribeStatusChange", params: { userId: 2 }, id: first },
        { method: "subscribeStatusChange", params: { userId: 3 }, id: first + 1 },
      ]);
      acknowledge(made);
    }
  });

  it("that is refused leaves nothing behind", async () => {
    const made = await newerPage(5);
    const subscribed = made.pull.subscribeUserStatusChange(2, () => expect.unreachable());
    await made.env.settle();
    made.env.socket.receive('{"jsonrpc":"2.0","error":{"code":-32602,"message":"no such user"},"id":1}');
    await expect(subscribed).rejects.toMatchObject({ code: "-32602" });
    change(made, 2, true);
    await reopen(made);
    expect(requests(made)).toEqual([]);
  });

  it("that is refused is so for everyone who waits for the same answer, and asked for anew later", async () => {
    const made = await newerPage(5);
    const all = Promise.allSettled([
      made.pull.subscribeUserStatusChange(2, () => expect.unreachable()),
      made.pull.subscribeUserStatusChange(2, () => expect.unreachable()),
    ]);
    await made.env.settle();
    made.env.socket.receive('{"jsonrpc":"2.0","error":{"code":-32603,"message":"try later"},"id":1}');
    expect((await all).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const subscribed = made.pull.subscribeUserStatusChange(2, () => {});
    await made.env.settle();
    acknowledge(made);
    expect(await subscribed).toBe(true);
  });

  it("needs a function, and a connection that can send", async () => {
    const { pull } = await newerPage(5);
    await expect(pull.subscribeUserStatusChange(2, undefined as never)).rejects.toMatchObject({
      code: "BAD_SUBSCRIPTION",
    });
    const polling = await pollingPage(newerConfig(5));
    await expect(polling.pull.subscribeUserStatusChange(2, () => {})).rejects.toMatchObject({
      code: "NOT_CONNECTED",
    });
  });

  it("hands a callback that throws to the page's error report, and calls the others", async () => {
    const made = await newerPage(5);
    const heard: string[] = [];
    const broken = () => {
      throw new Error("boom");
    };
    made.pull.subscribeUserStatusChange(2, broken);
    made.pull.subscribeUserStatusChange(2, () => heard.push("good"));
    await made.env.settle();
    acknowledge(made);
    change(made, 2, true);
    expect(heard).toEqual(["good"]);
    await made.env.advance(0);
    expect(made.env.errors.map(String)).toEqual(["Error: boom"]);
  });
});

describe("unsubscribeUserStatusChange()", () => {
  it("tells the server when nobody wants to know any more", async () => {
    const made = await newerPage(5);
    const heard: string[] = [];
    const [one, two] = [() => heard.push("one"), () => heard.push("two")];
    made.pull.subscribeUserStatusChange(2, one);
    made.pull.subscribeUserStatusChange(2, two);
    await made.env.settle();
    acknowledge(made);
    await made.env.settle();
    await made.pull.unsubscribeUserStatusChange(2, one);
    change(made, 2, true);
    expect(heard).toEqual(["two"]);
    const ended = made.pull.unsubscribeUserStatusChange(2, two);
    await made.env.settle();
    expect(requests(made).map(({ method }) => method)).toEqual([
      "subscribeStatusChange",
      "unsubscribeStatusChange",
    ]);
    acknowledge(made);
    await ended;
    await reopen(made);
    expect(requests(made)).toEqual([]);
  });

  it("of what was never subscribed to does nothing", async () => {
    const made = await newerPage(5);
    await made.pull.unsubscribeUserStatusChange(2, () => {});
    expect(requests(made)).toEqual([]);
  });
});
