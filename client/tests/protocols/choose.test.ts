import { describe, expect, it } from "vitest";
import { chooseProtocol } from "../../src/protocols/choose";
import { jsonRpc } from "../../src/protocols/jsonrpc";
import { protobuf } from "../../src/protocols/protobuf";
import { text } from "../../src/protocols/text";

const ALL = [text, protobuf, jsonRpc];

describe("chooseProtocol()", () => {
  it.each([
    [undefined, text],
    [1, text],
    [3, text],
    [4, protobuf],
    [5, jsonRpc],
    [6, jsonRpc],
  ])("speaks to version %s what it speaks best", (version, protocol) => {
    expect(chooseProtocol(ALL, version)).toBe(protocol);
  });

  it("makes do with text for version 4", () => {
    expect(chooseProtocol([text, jsonRpc], 4)).toBe(text);
  });

  it.each([
    [3, [protobuf, jsonRpc], "text"],
    [4, [jsonRpc], "protobuf"],
    [5, [text, protobuf], "jsonrpc"],
  ])("names the protocol that version %i needs and the bundle lacks", (version, protocols, name) => {
    expect(() => chooseProtocol(protocols, version)).toThrow(
      expect.objectContaining({
        code: "BAD_CONFIG",
        message: expect.stringMatching(new RegExp(`version ${version}.*protocols.*"${name}"`)),
      }),
    );
  });
});
