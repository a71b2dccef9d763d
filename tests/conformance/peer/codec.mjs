// protobufjs as a peer: one job as JSON in a line of standard input, one answer in a line of standard output.
// Run by codec.py, which gives the schema as the only argument. Bytes travel as base64.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import protobufjs from "protobufjs";

const { root } = protobufjs.parse(readFileSync(process.argv[2], "utf8"), { keepCase: true });

const encoded = (type, value) => Buffer.from(type.encode(type.fromObject(value)).finish()).toString("base64");
const decoded = (type, text) => type.toObject(type.decode(Buffer.from(text, "base64")), { bytes: String });
const described = (type) =>
  type.fieldsArray.map(({ id, name, type: kind, repeated, partOf }) => ({
    number: id,
    name,
    kind: kind === "SenderType" ? "enum" : kind,
    repeated,
    oneof: partOf !== null,
  }));

function decodedOrNull(type, text) {
  try {
    return decoded(type, text);
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

function answer({ type: name, encode, decode }) {
  if (!name) return { messages: root.nestedArray.filter(({ fields }) => fields).map((type) => type.name) };
  const type = root.lookupType(name);
  if (encode) return { encoded: encode.map((value) => encoded(type, value)) };
  if (decode) return { decoded: decode.map((text) => decodedOrNull(type, text)) };
  return { fields: described(type) };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
}
