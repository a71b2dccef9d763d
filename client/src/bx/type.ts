import { isObject, isPlain } from "../values";
import type { BxType } from "./types";

type Predicate = (value: unknown) => boolean;

/** Makes `BX.type`: what page code usually asks. */
export function createType(): BxType {
  const is =
    (kind: string): Predicate =>
    (value) =>
      typeof value === kind;
  const isFunction = is("function");
  const isObjectLike: Predicate = (value) => isObject(value) && !isFunction(value);
  return {
    isFunction,
    isObject,
    isObjectLike,
    isString: is("string"),
    isNotEmptyString: (value: unknown) => is("string")(value) && value !== "",
    isNumber: (value: unknown) => is("number")(value) && !Number.isNaN(value),
    isBoolean: is("boolean"),
    isUndefined: is("undefined"),
    isNull: (value: unknown) => value === null,
    isNil: (value: unknown) => value == null,
    isArray: Array.isArray,
    isPlainObject: (value: unknown) => isObjectLike(value) && isPlain(value as object),
    isDate: (value: unknown) => value instanceof Date,
    isDomNode: (value: unknown) => Object(value).nodeType > 0,
    isElementNode: (value: unknown) => Object(value).nodeType === 1,
  } as unknown as BxType;
}
