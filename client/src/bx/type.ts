import { isObject, isPlain } from "../values";
import type { BxType } from "./types";

type Predicate = (value: unknown) => boolean;

/** Makes `BX.type`: what page code usually asks. */
export function createType(): BxType {
  const is =
    (kind: string): Predicate =>
    (value) =>
      typeof value === kind;
  const isString = is("string");
  const isObjectLike: Predicate = (value) => is("object")(value) && value !== null;
  const isStringFilled: Predicate = (value) => isString(value) && value !== "";
  const isNode =
    (nodeType: number): Predicate =>
    (value) =>
      isObjectLike(value) && (value as Node).nodeType === nodeType;
  const { isArray } = Array;
  return {
    isString,
    isStringFilled,
    isNotEmptyString: isStringFilled,
    isNumber: (value: unknown) => is("number")(value) && !Number.isNaN(value),
    isInteger: Number.isInteger,
    isBoolean: is("boolean"),
    isFunction: is("function"),
    isUndefined: is("undefined"),
    isNull: (value: unknown) => value === null,
    isNil: (value: unknown) => value == null,
    isArray,
    isArrayFilled: (value: unknown) => isArray(value) && value.length > 0,
    isObject,
    isObjectLike,
    isPlainObject: (value: unknown) => isObjectLike(value) && isPlain(value as object),
    isDate: (value: unknown) => value instanceof Date,
    isDomNode: (value: unknown) => isObjectLike(value) && (value as Node).nodeType > 0,
    isElementNode: isNode(1),
    isTextNode: isNode(3),
  } as unknown as BxType;
}
