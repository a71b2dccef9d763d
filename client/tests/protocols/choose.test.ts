import { describe, expect, it } from "vitest";
import { choosePeer } from "../../src/protocols/choose";
import { jsonRpc } from "../../src/protocols/jsonrpc";
import { protobuf } from "../../src/protocols/protobuf";
import { text } from "../../src/protocols/text";
import type { Host, Protocol } from "../../src/protocols/types";

/** Never asked for anything here. */
const host = { options_: {} } as Host;
const peersOf = (protocols: Protocol[]) => protocols.map((protocol) => protocol(host));

describe("choosePeer()", () => {
  it.each([
    [undefined, "text"],
    [1, "text"],
    [3, "text"],
    [4, "protobuf"],
    [5, "json-rpc"],
    [6, "json-rpc"],
  ])("speaks to version %s what it speaks best", (version, mode) => {
    expect(choosePeer(peersOf([text, protobuf, jsonRpc]), version).mode_).toBe(mode);
  });

  it("makes do with text for version 4", () => {
    expect(choosePeer(peersOf([text, jsonRpc]), 4).mode_).toBe("text");
  });

  it.each([
    [3, [protobuf, jsonRpc], "text"],
    [4, [jsonRpc], "protobuf"],
    [5, [text, protobuf], "jsonrpc"],
  ])("names the protocol that version %i needs and the bundle lacks", (version, protocols, name) => {
    expect(() => choosePeer(peersOf(protocols), version)).toThrow(
      expect.objectContaining({
        code: "BAD_CONFIG",
        message: expect.stringMatching(new RegExp(`version ${version}.*${name}.*protocols`)),
      }),
    );
  });
});
