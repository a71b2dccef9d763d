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
  const isObjectLike: Predicate = (value) => isObject(value) && typeof value === "object";
  const isStringFilled: Predicate = (value) => isString(value) && value !== "";
  const isNode =
    (nodeType: number): Predicate =>
    (value) =>
      isObjectLike(value) && (value as Node).nodeType === nodeType;
  const { isArray } = Array;
  const { isInteger } = Number;
  return {
    isString,
    isStringFilled,
    isNotEmptyString: isStringFilled,
    isNumber: (value: unknown) => typeof value === "number" && !Number.isNaN(value),
    isInteger,
    isBoolean: is("boolean"),
    isFunction: is("function"),
    isUndefined: is("undefined"),
    isNull: (value: unknown) => value === null,
    isNil: (value: unknown) => value == null,
    isArray,
    isArrayFilled: (value: unknown) => isArray(value) && value.length > 0,
    isArrayLike: (value: unknown) =>
      !!value && !is("function")(value) && isInteger((value as unknown[]).length),
    isObject,
    isObjectLike,
    isPlainObject: (value: unknown) => isObjectLike(value) && isPlain(value as object),
    isDate: (value: unknown) => Object.prototype.toString.call(value) === "[object Date]",
    isDomNode: (value: unknown) => isObjectLike(value) && (value as Node).nodeType > 0,
    isElementNode: isNode(1),
    isTextNode: isNode(3),
  } as unknown as BxType;
}
