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

// What a browser reads and writes. Other fields are left out: unknown ones are skipped. What is around messages is taken
// apart by hand, to get past damage, and put around them in the same way.
const READ = { OutgoingMessage: ["id", "body", "sender"], Sender: ["type", "id"] };
const WRITE = {
  IncomingMessage: ["receivers", "body", "expiry"],
  Receiver: ["id", "signature"],
};
// What the code around calls, besides the generated functions.
const CALLED = ["finish"];
// Methods of pbf with less code for the same: loops in place of what it unrolled for speed, errors that nobody sees
// without a text. No number that is read or written needs more than 28 bits.
const SIMPLER = new Map([
  [
    "readVarint",
    `{
        let val = 0, shift = 0, b;
        do {
            if (shift > 21) throw new RangeError();
            b = this.buf[this.pos++];
            val |= (b & 0x7f) << shift;
            shift += 7;
        } while (b > 0x7f);
        return val;
    }`,
  ],
  [
    "writeVarint",
    `{
        if (val > 0xfffffff || val < 0) throw new RangeError('a number of more than 28 bits');
        this.realloc(4);
        for (; val > 0x7f; val >>>= 7) this.buf[this.pos++] = val & 0x7f | 0x80;
        this.buf[this.pos++] = val;
    }`,
  ],
  [
    "skip",
    `{
        if (val === PBF_VARINT) while (this.buf[this.pos++] > 0x7f) {}
        else if (val === PBF_BYTES) this.readBytes();
        else if (val === PBF_FIXED32) this.pos += 4;
        else if (val === PBF_FIXED64) this.pos += 8;
        else throw new RangeError();
    }`,
  ],
  [
    "realloc",
    `{
        const length = this.pos + min;
        if (length > this.length) {
            const buf = new Uint8Array(this.length = length * 2);
            buf.set(this.buf);
            this.buf = buf;
        }
    }`,
  ],
  [
    "finish",
    `{
        return this.buf.subarray(0, this.pos);
    }`,
  ],
]);

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
function reduced(schema, wanted) {
  const has = (list, wanted) => list.some(({ name }) => name === wanted);
  const travelsAs = (type) => {
    if (type === "string" || has(schema.messages, type)) return "bytes";
    return has(schema.enums, type) ? "uint32" : type;
  };
  const messages = Object.entries(wanted).map(([type, names]) => {
    const message = schema.messages.find(({ name }) => name === type);
    const fields = message.fields
      .filter(({ name }) => names.includes(name))
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
function declarations(tree) {
  const found = new Map();
  for (const statement of tree.body) {
    const node = statement.declaration ?? statement;
    const name = node.id?.name ?? node.declarations[0].id.name;
    if (node.type !== "ClassDeclaration") {
      found.set(name, { name, node, outer: statement });
      continue;
    }
    const maker = node.body.body.find(({ kind }) => kind === "constructor");
    found.set(name, { name, node: maker.value, outer: maker, head: [statement.start, node.body.start + 1] });
    for (const member of node.body.body) {
      if (member === maker) continue;
      found.set(`.${member.key.name}`, {
        name: member.key.name,
        node: member.value,
        outer: member,
        class_: name,
      });
    }
  }
  return found;
}

/** The declarations that `roots` need, directly or not. */
function reached(all, roots) {
  const kept = new Set();
  const queue = [...roots];
  for (const name of queue) {
    const declaration = all.get(name);
    if (!declaration || kept.has(declaration)) continue;
    kept.add(declaration);
    queue.push(declaration.class_);
    walk(declaration.node, (part) => queue.push(isOfPbf(part) ? `.${part.property.name}` : part.name));
  }
  return [...all.values()].filter((declaration) => kept.has(declaration));
}

/** Statements that set a field which nothing reads. */
function idle(kept) {
  const isSetting = ({ type, expression }) =>
    type === "ExpressionStatement" &&
    expression.type === "AssignmentExpression" &&
    expression.operator === "=" &&
    isOfPbf(expression.left);
  const settings = [];
  const read = new Set();
  for (const { node } of kept) {
    const targets = new Set();
    walk(node, (part) => {
      if (isSetting(part)) {
        settings.push(part);
        targets.add(part.expression.left);
      } else if (isOfPbf(part) && !targets.has(part)) read.add(part.property.name);
    });
  }
  return settings.filter(({ expression }) => !read.has(expression.left.property.name));
}

/** pbf's runtime with the simpler methods, and for bytes only, which is all that it is given. */
function simplified(source) {
  const edits = [];
  walk(parsed(source), (part) => {
    const body = part.type === "MethodDefinition" && SIMPLER.get(part.key.name);
    if (body) edits.push([part.value.body.start, part.value.body.end, body]);
    if (part.type === "ConditionalExpression" && /^ArrayBuffer\.isView/.test(source.slice(part.start)))
      edits.push([part.consequent.end, part.end, ""], [part.start, part.consequent.start, ""]);
  });
  return edited(source, edits);
}

/** The part of pbf's runtime that makes the calls possible. */
function runtime(source, calls) {
  const comments = [];
  const tree = parse(source, { ecmaVersion: 2022, sourceType: "module", onComment: comments });
  const kept = reached(
    declarations(tree),
    [...calls].map((name) => `.${name}`),
  );
  const dead = idle(kept);

  /** The text of a declaration with its own comment, as the bundle is to have it. */
  function text({ name, node, outer, class_ }) {
    const comment = comments.findLast(({ type, end }) => type === "Block" && end <= outer.start);
    const start =
      comment && /^\s*$/.test(source.slice(comment.end, outer.start)) ? comment.start : outer.start;
    const isMaker = outer.kind === "constructor";
    const edits = class_ ? [[outer.key.start, outer.key.end, own(name)]] : [];
    if (node.params) {
      for (const { type, end } of node.params) if (type === "Identifier") edits.push([end, end, "?: any"]);
      if (!isMaker) edits.push([node.body.start - 1, node.body.start - 1, ": any"]);
    }
    const gone = dead.filter((part) => part.start > node.start && part.end < node.end);
    for (const part of gone) edits.push([source.lastIndexOf("\n", part.start), part.end, ""]);
    const isGone = ({ start: at }) => gone.some((part) => part.start <= at && at < part.end);
    walk(node, (part) => {
      if (isOfPbf(part) && !isGone(part))
        edits.push([part.property.start, part.property.end, own(part.property.name)]);
    });
    const moved = edits.map(([from, to, replacement]) => [from - start, to - start, replacement]);
    return edited(source.slice(start, source.indexOf("\n", outer.end)), moved);
  }

  /** Fields that a class's constructor sets, with their types. */
  const fields = ({ node }) =>
    node.body.body
      .filter((part) => !dead.includes(part))
      .map(({ expression }) => expression.left.property.name)
      .map((name) => `    declare ${own(name)}: ${name === "buf" ? "Uint8Array" : "number"};\n`)
      .join("");

  return kept
    .filter(({ class_ }) => !class_)
    .map((declaration) => {
      if (!declaration.head) return text(declaration);
      const members = [declaration, ...kept.filter(({ class_ }) => class_ === declaration.name)];
      const texts = members.map((member) => `    ${text(member)}`);
      return `${source.slice(...declaration.head)}\n${fields(declaration)}\n${texts.join("\n\n")}\n}`;
    })
    .join("\n\n")
    .replace(/;(.*)\n\nconst/g, ";$1\nconst");
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
// The part of pbf ${version} that messages.ts needs, taken from it by \`make proto\`, with less code where less will do.
// Bounds are not checked in here.
//
${licence}

${runtime(simplified(readFileSync(PBF, "utf8")), new Set([...readCalls, ...writeCalls, ...CALLED]))}
`,
  };
}

const folder = process.argv[2] ?? FOLDER;
for (const [name, text] of Object.entries(generate())) writeFileSync(resolve(folder, name), text);
