import { isObject, isPlain } from "./own";
import type { BxType } from "./types";

type Predicate = (value: unknown) => boolean;

/** Makes `BX.type`. Built-in kinds are told by their tags, so that values of other frames are recognised too. */
export function createType(): BxType {
  const isArray: Predicate = Array.isArray;
  const isInteger: Predicate = Number.isInteger;
  const lengthOf = (value: unknown) => (value as ArrayLike<unknown>).length;
  const isStringFilled: Predicate = (value) => typeof value === "string" && value !== "";
  const isObjectLike: Predicate = (value) => isObject(value) && typeof value === "object";
  const isNode =
    (nodeType: number): Predicate =>
    (value) =>
      isObjectLike(value) && (value as Node).nodeType === nodeType;

  const type: Record<string, Predicate> = {
    isNotEmptyString: isStringFilled,
    isStringFilled,
    isNumber: (value) => typeof value === "number" && !Number.isNaN(value),
    isInteger,
    isNull: (value) => value === null,
    isNil: (value) => value == null,
    isArray,
    isArrayFilled: (value) => isArray(value) && lengthOf(value) > 0,
    isArrayLike: (value) =>
      value != null && typeof value !== "function" && isInteger(lengthOf(value)) && lengthOf(value) >= 0,
    isObject,
    isObjectLike,
    isPlainObject: (value) => isObjectLike(value) && isPlain(value as object),
    isDomNode: (value) => isObjectLike(value) && (value as Node).nodeType > 0,
    isElementNode: isNode(1),
    isTextNode: isNode(3),
  };
  for (const kind of "String Boolean Symbol Function Undefined".split(" ")) {
    type[`is${kind}`] = (value) => typeof value === kind.toLowerCase();
  }
  for (const kind of "Date RegExp Map Set Promise File Blob FormData".split(" ")) {
    type[`is${kind}`] = (value) => Object.prototype.toString.call(value) === `[object ${kind}]`;
  }
  return type as unknown as BxType;
}
