/** How long what has a type is, unless that is told. */
const LENGTHS = [0, 8, NaN, NaN, NaN, 4];

/**
 * What a field holds: the number of a varint; else where its bytes begin and end.
 *
 * @param value - a varint's number
 */
export type OnField = (tag: number, value: number, start: number, end: number) => void;

/** Where reading has come to: nobody reads two messages at a time. */
let position: number;

/** Exact up to 53 bits; what is behind the end counts as no byte. */
function readVarint(bytes: Uint8Array, end: number): number {
  let value = 0;
  for (let scale = 1; scale < 2 ** 70 && position < end; scale *= 128) {
    const byte = bytes[position++] as number;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
  // What has no end, or none within ten bytes, leads behind all of them.
  position = end + 1;
  return value;
}

/**
 * Reads a message, whatever its bytes are. Copies nothing.
 *
 * @param start - where in `bytes` the message begins
 * @param end - where it ends
 * @param onField - gets each field, up to where the bytes are damaged; reads none itself
 * @returns whether they are not
 */
export function readFields(bytes: Uint8Array, start: number, end: number, onField: OnField): boolean {
  for (position = start; position < end; ) {
    const tag = readVarint(bytes, end);
    const type = tag & 7;
    // A varint is the value, or tells its length. Two kinds have a length of their own; groups have none.
    const number = type % 2 ? 0 : readVarint(bytes, end);
    const next = position + (type === 2 ? number : (LENGTHS[type] as number));
    if (!(tag > 7 && tag < 2 ** 32 && next <= end)) return false;
    onField(tag, number, position, next);
    position = next;
  }
  return true;
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
