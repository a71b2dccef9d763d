import { isObject, isPlain } from "./own";
import type { BxType } from "./types";

type Predicate = (value: unknown) => boolean;

/** Makes `BX.type`. Kinds are told by their tags, so that values of other frames are recognised too. */
export function createType(): BxType {
  const isString: Predicate = (value) => typeof value === "string";
  const isNumber: Predicate = (value) => typeof value === "number" && !Number.isNaN(value);
  const isFilled: Predicate = (value) => (value as ArrayLike<unknown>).length > 0;
  const isStringFilled: Predicate = (value) => isString(value) && isFilled(value);
  const isObjectLike: Predicate = (value) => isObject(value) && typeof value === "object";
  const isNode =
    (...types: number[]): Predicate =>
    (value) => {
      if (!isObjectLike(value)) return false;
      const { nodeType } = value as Partial<Node>;
      return types.length ? types.includes(nodeType as number) : typeof nodeType === "number";
    };
  const type: Record<string, Predicate> = {
    isString,
    isNotEmptyString: isStringFilled,
    isStringFilled,
    isNumber,
    isInteger: Number.isInteger,
    isFloat: (value) => isNumber(value) && !Number.isInteger(value),
    isBoolean: (value) => typeof value === "boolean",
    isSymbol: (value) => typeof value === "symbol",
    isFunction: (value) => typeof value === "function",
    isUndefined: (value) => value === undefined,
    isNull: (value) => value === null,
    isNil: (value) => value == null,
    isArray: Array.isArray,
    isArrayFilled: (value) => Array.isArray(value) && isFilled(value),
    isArrayLike(value) {
      if (value == null || typeof value === "function") return false;
      const { length } = value as ArrayLike<unknown>;
      return Number.isInteger(length) && length >= 0;
    },
    isObject,
    isObjectLike,
    isPlainObject: (value) => isObjectLike(value) && isPlain(value as object),
    isDomNode: isNode(),
    isElementNode: isNode(1),
    isTextNode: isNode(3),
  };
  for (const tag of ["Date", "RegExp", "Map", "Set", "Promise", "File", "Blob", "FormData"]) {
    type[`is${tag}`] = (value) => Object.prototype.toString.call(value) === `[object ${tag}]`;
  }
  return type as unknown as BxType;
}
