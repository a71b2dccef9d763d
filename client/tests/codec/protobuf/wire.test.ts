import fc from "fast-check";
import { Reader } from "protobufjs";
import { describe, expect, it } from "vitest";
import {
  bytesField,
  first,
  last,
  numberField,
  readField,
  tag,
  value,
} from "../../../src/codec/protobuf/wire";
import { bytes, hex } from "../../support/protobuf";

const RUNS = { numRuns: 3000, seed: 20_261_126 };

/** Reads one field after the other; returns whether all are whole. */
function readFields(
  data: Uint8Array,
  onField: (tag: number, value: number, start: number, end: number) => void,
) {
  for (let at = 0; at < data.length; at = last) {
    if (!readField(data, at, data.length)) return false;
    onField(tag, value, first, last);
  }
  return true;
}

/** What was read: numbers, and bytes as hex. */
function read(data: Uint8Array) {
  const fields: [number, number | string][] = [];
  const isWhole = readFields(data, (tag, value, first, last) => {
    fields.push([tag, tag & 7 ? hex(data.subarray(first, last)) : value]);
  });
  return { isWhole, fields };
}

describe("readField()", () => {
  it.each([
    ["a number of one byte", "087f", [[8, 127]]],
    ["a number of 32 bits", "08ffffffff0f", [[8, 2 ** 32 - 1]]],
    ["a number of 53 bits", "08ffffffffffffff0f", [[8, Number.MAX_SAFE_INTEGER]]],
    ["a number of 64 bits, as near as can be", "08ffffffffffffffffff01", [[8, 2 ** 64]]],
    ["a number with more bytes than it needs", "0880808000", [[8, 0]]],
    ["eight bytes", "090102030405060708", [[9, "0102030405060708"]]],
    ["bytes with their length", "0a03616263", [[10, "616263"]]],
    ["no bytes", "0a00", [[10, ""]]],
    ["four bytes", "0d01020304", [[13, "01020304"]]],
    ["the highest field number", "faffffff0f00", [[(2 ** 29 - 1) * 8 + 2, ""]]],
    [
      "fields again and again, in their order",
      "08011200080a",
      [
        [8, 1],
        [18, ""],
        [8, 10],
      ],
    ],
    ["nothing", "", []],
  ])("gives %s", (_, data, fields) => {
    expect(read(bytes(data))).toEqual({ isWhole: true, fields });
  });

  it.each([
    ["a tag that is cut off", "80"],
    ["a tag without an end", "ff".repeat(20)],
    ["field 0", "0000"],
    ["a field number of more than 29 bits", "828080801000"],
    ["a number that is missing", "08"],
    ["a number that is cut off", "0880"],
    ["a number of more than ten bytes", "0880808080808080808080800101"],
    ["a length that is missing", "0a"],
    ["a length that is cut off", "0aff"],
    ["a length without an end", `0a${"ff".repeat(11)}`],
    ["a length of more than there is", "0a0261"],
    ["a length of 32 bits", "0affffffff0f61"],
    ["a length of 64 bits", "0affffffffffffffffff0161"],
    ["eight bytes of which one is missing", "0901020304050607"],
    ["four bytes of which one is missing", "0d010203"],
    ["the start of a group", "0b"],
    ["the end of a group", "0c"],
    ["wire type 6", "0e00"],
    ["wire type 7", "0f00"],
  ])("gives what is in front of %s", (_, damage) => {
    expect(read(bytes(`120161${damage}`))).toEqual({ isWhole: false, fields: [[18, "61"]] });
  });

  it("gives parts of the bytes it was given, and tells when the rest was not read", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (data) => {
        let last = 0;
        const isWhole = readFields(data, (_, __, start, end) => {
          expect(start).toBeGreaterThan(last);
          expect(end).toBeGreaterThanOrEqual(start);
          last = end;
        });
        expect(last).toBeLessThanOrEqual(data.length);
        if (data.length && isWhole) expect(read(data).fields).not.toEqual([]);
      }),
      RUNS,
    );
  });

  it("agrees with protobufjs about where damage is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (data) => {
        const reader = Reader.create(data);
        let fields = 0;
        const isWhole = () => {
          while (reader.pos < reader.len) {
            const tag = Number(reader.uint64());
            // protobufjs lets impossible field numbers pass, and skips groups, which nobody sends.
            if (tag < 8 || tag >= 2 ** 32 || (tag & 7) === 3) return false;
            reader.skipType(tag & 7);
            fields++;
          }
          return true;
        };
        let expected = false;
        try {
          expected = isWhole();
        } catch {
          // It throws at damage.
        }
        const found = read(data);
        expect([found.isWhole, found.fields.length]).toEqual([expected, fields]);
      }),
      RUNS,
    );
  });
});

describe("numberField() and bytesField()", () => {
  it("write what is read again, and what cannot be when it is cut off", () => {
    const number = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 0xffff_ffff }));
    fc.assert(
      fc.property(number, fc.uint8Array({ maxLength: 300 }), fc.nat(), (value, content, cut) => {
        const half = content.length >> 1;
        const pieces = [content.subarray(0, half), content.subarray(half)];
        const data = Uint8Array.from([...numberField(32, value), ...bytesField(18, pieces)]);
        const fields = [
          [32, value],
          [18, hex(content)],
        ];
        expect(read(data)).toEqual({ isWhole: true, fields });
        const first = numberField(32, value).length;
        const length = 1 + (cut % (data.length - 1));
        const part = read(data.subarray(0, length));
        expect(part).toEqual({ isWhole: length === first, fields: length < first ? [] : fields.slice(0, 1) });
      }),
      RUNS,
    );
  });
});
