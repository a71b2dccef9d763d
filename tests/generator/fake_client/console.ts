Object.assign(globalThis, { debugged: isStrict() });

function isStrict(this: unknown): boolean {
  return this === undefined;
}
