import { isObject, isPlain } from "../values";
import type { BxType } from "./types";

type Predicate = (value: unknown) => boolean;

/** Makes `BX.type`: what page code usually asks. */
export function createType(): BxType {
  const isObjectLike: Predicate = (value) => isObject(value) && typeof value !== "function";
  const type: Record<string, Predicate> = {
    isObject,
    isObjectLike,
    isNotEmptyString: (value) => typeof value === "string" && !!value,
    isNull: (value) => value === null,
    isNil: (value) => value == null,
    isArray: Array.isArray,
    isPlainObject: (value) => isObjectLike(value) && isPlain(value as object),
    isDate: (value) => value instanceof Date,
    isDomNode: (value) => Object(value).nodeType > 0,
    isElementNode: (value) => Object(value).nodeType === 1,
  };
  for (const kind of ["String", "Number", "Boolean", "Function", "Undefined"]) {
    // NaN is the only value of these kinds that is none.
    type[`is${kind}`] = (value) => typeof value === kind.toLowerCase() && !Number.isNaN(value);
  }
  return type as unknown as BxType;
}
