import { Enum, type Field, types } from "protobufjs";
import { describe, expect, it } from "vitest";
import { INNER, IncomingMessage, OutgoingMessage, Receiver, Sender } from "../../../src/codec/protobuf/tags";
import { schema } from "../../support/protobuf";

/** The tag of a field by the schema: enums travel as varints, messages as bytes. */
function tagOf(message: string, name: string): number {
  const field = schema.lookupType(message).get(name) as Field;
  const { resolvedType, type } = field.resolve();
  const wireType = resolvedType instanceof Enum ? 0 : (types.basic as Record<string, number>)[type];
  return field.id * 8 + (wireType ?? 2);
}

describe.each(Object.entries({ OutgoingMessage, Sender, IncomingMessage, Receiver }))(
  "%s",
  (message, tags) => {
    const fields = Object.entries(tags).filter(([, tag]) => typeof tag === "number");

    it.each(fields)("has the tag of %s from the schema", (name, tag) => {
      expect(tag).toBe(tagOf(message, name));
    });
  },
);

it.each([
  ["ResponseBatch", "responses"],
  ["Response", "outgoingMessages"],
  ["OutgoingMessagesResponse", "messages"],
  ["RequestBatch", "requests"],
  ["Request", "incomingMessages"],
  ["IncomingMessagesRequest", "messages"],
])("leads to messages by the same tag in %s", (message, name) => {
  expect(tagOf(message, name)).toBe(INNER);
});
