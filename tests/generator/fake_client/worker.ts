Object.assign(globalThis, { served: isStrict() });

function isStrict(this: unknown): boolean {
  return this === undefined;
}
