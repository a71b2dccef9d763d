/** How long what has a type is, unless that is told. More than any frame is: none can be; NaN would slow down all sums. */
const LENGTHS = [0, 8, 1e9, 1e9, 1e9, 4];

// The field that was read last, where nobody reads two at a time.
export let tag = 0;
/** The number that it holds, or that tells its length. */
export let value = 0;
/** Where its bytes begin and end. */
export let first = 0;
export let last = 0;

/** Exact up to 53 bits; what is behind the end counts as no byte. */
function readVarint(bytes: Uint8Array, end: number): number {
  let number = 0;
  for (let scale = 1; scale < 2 ** 70 && first < end; scale *= 128) {
    const byte = bytes[first++] as number;
    number += (byte & 127) * scale;
    if (byte < 128) return number;
  }
  // What has no end, or none within ten bytes, leads behind all of them.
  first = end + 1;
  return number;
}

/**
 * Reads a field, whatever the bytes are. Copies nothing.
 *
 * @param start - where it begins
 * @param end - where that ends which it is in
 * @returns whether there is one that is whole
 */
export function readField(bytes: Uint8Array, start: number, end: number): boolean {
  first = start;
  tag = readVarint(bytes, end);
  const type = tag & 7;
  // A varint is the value, or tells its length. Two kinds have a length of their own; groups have none.
  value = type % 2 ? 0 : readVarint(bytes, end);
  last = first + (type === 2 ? value : (LENGTHS[type] as number));
  return tag > 7 && tag < 2 ** 32 && last <= end;
}

const varint = (value: number): number[] =>
  value > 127 ? [(value & 127) | 128, ...varint(value >>> 7)] : [value];

/** The bytes of a field that holds a number of up to 32 bits. */
export const numberField = (tag: number, value: number) => [tag, ...varint(value)];

/** The bytes of a field that holds bytes: those of the pieces, one after the other. */
export function bytesField(tag: number, pieces: readonly ArrayLike<number>[]): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const head = numberField(tag, length);
  const bytes = new Uint8Array(head.length + length);
  let position = 0;
  for (const piece of [head, ...pieces]) {
    bytes.set(piece, position);
    position += piece.length;
  }
  return bytes;
}
