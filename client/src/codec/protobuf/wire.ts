/** What a field holds: the number of a varint, the bytes of everything else. */
export type Value = number | Uint8Array;

/** How long what has a type is, unless that is told. */
const LENGTHS = [0, 8, NaN, NaN, NaN, 4];

/**
 * Reads a message, whatever its bytes are.
 *
 * @param onField - gets each field, up to where the bytes are damaged
 * @returns whether they are not
 */
export function readFields(bytes: Uint8Array, onField: (tag: number, value: Value) => void): boolean {
  let position = 0;

  /** Exact up to 53 bits. */
  function readVarint(): number {
    let value = bytes[position] as number;
    if (value < 128) {
      position++;
      return value;
    }
    value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[position++] as number;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    // What has no end within ten bytes leads behind all of them.
    position += bytes.length;
    return value;
  }

  while (position < bytes.length) {
    const tag = readVarint();
    const type = tag & 7;
    // A varint is the value, or tells its length. Two kinds have a length of their own; groups have none.
    const number = type % 2 ? 0 : readVarint();
    const end = position + (type === 2 ? number : (LENGTHS[type] as number));
    if (!(tag > 7 && tag < 2 ** 32 && end <= bytes.length)) return false;
    onField(tag, type ? bytes.subarray(position, end) : number);
    position = end;
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
