// Makes the client's protobuf code from its schema: `make proto`.
//
// pull.proto → messages.ts, readers and writers as pbf's compiler makes them, and pbf.ts, the part of pbf's
// runtime that they reach. With it the client needs no package to be bundled, and carries no function it never
// calls. What leaves neither file ends with an underscore, as client/README.md says.
//
//   node tools/proto.mjs [FOLDER]      FOLDER: where to write, client/src/codec/protobuf by default
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "acorn";
import { compileRaw } from "pbf/compile";

// What a browser reads (what is around messages it takes apart itself, to get past damage) and writes. Fields of other
// message types are left out: unknown ones are skipped.
const READ = ["OutgoingMessage", "Sender"];
const WRITE = ["RequestBatch", "Request", "IncomingMessagesRequest", "IncomingMessage", "Receiver"];
// What the code around calls, besides the generated functions.
const CALLED = ["finish"];

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const FOLDER = resolve(ROOT, "client/src/codec/protobuf");
const PBF = fileURLToPath(import.meta.resolve("pbf"));
const pbfRequire = createRequire(PBF);

const HEAD = `// biome-ignore-all lint: generated code
// biome-ignore-all format: generated code
`;

/** Calls `visit` for a syntax node and all below it. */
function walk(node, visit) {
  visit(node);
  for (const child of Object.values(node).flat())
    if (child && typeof child.type === "string") walk(child, visit);
}

/** The text with `edits` made: [start, end, replacement] each. */
function edited(text, edits) {
  let result = text;
  for (const [start, end, replacement] of edits.sort((a, b) => b[0] - a[0])) {
    result = result.slice(0, start) + replacement + result.slice(end);
  }
  return result;
}

const parsed = (code) => parse(code, { ecmaVersion: 2022, sourceType: "module" });
const own = (name) => `${name}_`;

/** Property reads and calls on a reader or writer: pbf's code calls it this, p or pbf. */
const isOfPbf = (node) =>
  node.type === "MemberExpression" &&
  !node.computed &&
  (node.object.type === "ThisExpression" || ["p", "pbf"].includes(node.object.name));

/**
 * One direction of the schema, as pbf's compiler is to see it. Messages inside others and texts become bytes: each
 * message is read by itself, so that damage stays inside it, and the browser turns bytes into text with less code.
 */
function reduced(schema, names) {
  const has = (list, wanted) => list.some(({ name }) => name === wanted);
  const travelsAs = (type) => {
    if (type === "string" || has(schema.messages, type)) return "bytes";
    return has(schema.enums, type) ? "uint32" : type;
  };
  const messages = names.map((name) => {
    const message = schema.messages.find((one) => one.name === name);
    const fields = message.fields
      .filter(({ type }) => names.includes(type) || !has(schema.messages, type))
      .map((field) => ({ ...field, name: own(field.name), oneof: null, type: travelsAs(field.type) }));
    return { ...message, fields };
  });
  return { ...schema, enums: [], messages };
}

function typeOf({ type, repeated }) {
  const single = { bytes: "Uint8Array", bool: "boolean" }[type] ?? "number";
  return repeated ? `${single}[]` : single;
}

/** Interfaces of the messages: what was not sent is undefined, or 0 for numbers. */
function interfaces(schema, optional) {
  const line = (field) =>
    `    ${field.name}${optional ? "?" : ""}: ${typeOf(field)}${optional || (field.type === "bytes" && !field.repeated) ? " | undefined" : ""};\n`;
  return schema.messages
    .map(({ name, fields }) => `\nexport interface ${name} {\n${fields.map(line).join("")}}\n`)
    .join("");
}

/** The compiler's functions, typed, with names of the bundle's own. */
function functions(code) {
  const edits = [];
  const calls = new Set();
  walk(parsed(code), (node) => {
    if (isOfPbf(node)) {
      calls.add(node.property.name);
      edits.push([node.property.start, node.property.end, own(node.property.name)]);
    }
    // proto2: what is written is what was given, be it 0.
    if (node.type === "IfStatement" && node.test.type === "MemberExpression") {
      edits.push([node.test.end, node.test.end, " != null"]);
    }
    if (node.type === "FunctionDeclaration") {
      const [first, second] = node.params;
      const [, kind, message] = /^(read|write)(.*)/.exec(node.id.name);
      const types = kind === "read" ? ["PbfReader", "number"] : [message, "PbfWriter"];
      edits.push([first.end, first.end, `: ${types[0]}`], [second.end, second.end, `: ${types[1]}`]);
      edits.push([node.body.start - 1, node.body.start - 1, kind === "read" ? `: ${message}` : ": void"]);
    }
    if (node.type === "VariableDeclarator" && node.id.name === "obj") {
      const name = /read(\w+)\(pbf, end\) \{\s*$/.exec(code.slice(0, node.start - "const ".length))[1];
      edits.push([node.id.end, node.id.end, `: ${name}`]);
    }
  });
  return [edited(code, edits), calls];
}

/** The declarations of pbf's runtime by name: functions, constants, classes and, as `.name`, methods of classes. */
function declarations(source) {
  const found = new Map();
  const comments = [];
  const tree = parse(source, { ecmaVersion: 2022, sourceType: "module", onComment: comments });
  /** The text of a declaration with its own comment, as the bundle is to have it. */
  const text = (node, start, edits) => {
    const comment = comments.findLast(({ type, end }) => type === "Block" && end <= start);
    const doc = comment && /^\s*$/.test(source.slice(comment.end, start)) ? comment.start : start;
    const moved = edits.map(([from, to, replacement]) => [from - doc, to - doc, replacement]);
    return edited(source.slice(doc, source.indexOf("\n", node.end)), moved);
  };
  for (const statement of tree.body) {
    const node = statement.declaration ?? statement;
    const name = node.id?.name ?? node.declarations[0].id.name;
    if (node.type !== "ClassDeclaration") {
      const params = node.type === "FunctionDeclaration" ? untyped(node) : [];
      found.set(name, { node, text_: text(statement, statement.start, [...params, ...renamed(node)]) });
      continue;
    }
    found.set(name, { node, head_: source.slice(statement.start, node.body.start + 1), members_: [] });
    for (const member of node.body.body) {
      const isConstructor = member.kind === "constructor";
      const key = isConstructor ? [] : [[member.key.start, member.key.end, own(member.key.name)]];
      const edits = [...key, ...untyped(member.value, !isConstructor), ...renamed(member.value)];
      const method = { node: member.value, class_: name, text_: text(member, member.start, edits) };
      if (isConstructor) Object.assign(found.get(name), { node: member.value, constructor_: method.text_ });
      else found.set(`.${member.key.name}`, method);
    }
  }
  return found;
}

/** Edits that give what leaves neither file its underscore. */
function renamed(node) {
  const edits = [];
  walk(node, (part) => {
    if (isOfPbf(part)) edits.push([part.property.start, part.property.end, own(part.property.name)]);
  });
  return edits;
}

/** Edits that leave the types of a function's parameters, and of what it gives, open. */
function untyped(node, result = true) {
  const edits = node.params
    .filter(({ type }) => type === "Identifier")
    .map(({ end }) => [end, end, "?: any"]);
  return result ? [...edits, [node.body.start - 1, node.body.start - 1, ": any"]] : edits;
}

/** Names of the declarations that `roots` need, directly or not. */
function reached(all, roots) {
  const names = new Set();
  const queue = [...roots];
  for (const name of queue) {
    if (names.has(name) || !all.has(name)) continue;
    names.add(name);
    const { node, class_ } = all.get(name);
    queue.push(class_);
    walk(node, (part) => queue.push(isOfPbf(part) ? `.${part.property.name}` : part.name));
  }
  return names;
}

/** Fields that a class's constructor sets, with their types. */
function fieldsOf({ node }) {
  const types = { buf: "Uint8Array", dataView: "DataView" };
  return node.body.body
    .map(({ expression }) => expression.left.property.name)
    .map((name) => `    declare ${own(name)}: ${types[name] ?? "number"};\n`)
    .join("");
}

/** The part of pbf's runtime that makes the calls possible. */
function runtime(source, calls) {
  const all = declarations(source);
  const names = reached(
    all,
    [...calls].map((name) => `.${name}`),
  );
  const kept = [...all]
    .filter(([name]) => names.has(name))
    .map(([name, declaration]) => ({ name, ...declaration }));
  return kept
    .filter(({ class_ }) => !class_)
    .map(({ name, head_, constructor_, text_, ...rest }) => {
      if (!head_) return text_;
      const methods = kept.filter(({ class_ }) => class_ === name).map((method) => method.text_);
      const members = [constructor_, ...methods].map((member) => `    ${member}`);
      return `${head_}\n${fieldsOf(rest)}\n${members.join("\n\n")}\n}`;
    })
    .join("\n\n")
    .replace(/;\n\nconst/g, ";\nconst");
}

function generate() {
  const schema = pbfRequire("resolve-protobuf-schema").sync(resolve(FOLDER, "pull.proto"));
  const version = JSON.parse(readFileSync(resolve(dirname(PBF), "package.json"), "utf8")).version;
  const read = reduced(schema, READ);
  const write = reduced(schema, WRITE);
  const [readers, readCalls] = functions(compileRaw(read, { noWrite: true, dev: true }));
  const [writers, writeCalls] = functions(compileRaw(write, { noRead: true, dev: true }));
  const licence = readFileSync(resolve(dirname(PBF), "LICENSE"), "utf8")
    .trim()
    .replace(/^/gm, "// ")
    .replace(/ +$/gm, "");
  return {
    "messages.ts": `${HEAD}// Made from pull.proto by \`make proto\`, with the compiler of pbf ${version}.
import type { PbfReader, PbfWriter } from "./pbf";
${interfaces(read, false)}${interfaces(write, true)}${readers}${writers}`,
    "pbf.ts": `${HEAD}// @ts-nocheck
// The part of pbf ${version} that messages.ts needs, taken from it by \`make proto\`. Bounds are not checked in here.
//
${licence}

${runtime(readFileSync(PBF, "utf8"), new Set([...readCalls, ...writeCalls, ...CALLED]))}
`,
  };
}

const folder = process.argv[2] ?? FOLDER;
for (const [name, text] of Object.entries(generate())) writeFileSync(resolve(folder, name), text);
