/** What a name has to be: this text, what the expression finds, or any of a list. */
export type Wanted = string | RegExp | readonly (string | RegExp)[];

type Test = (name: string) => boolean;

/**
 * @param option - what it was given as, for the error
 * @throws TypeError - for what is none of these
 */
function test(option: string, wanted: unknown, fold: (name: string) => string): Test {
  if (wanted === undefined) return () => true;
  const all: unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  for (const one of all) {
    if (typeof one !== "string" && !(one instanceof RegExp)) {
      throw new TypeError(`option ${option}: ${one} is no text; give "im", /^im/ or a list of those`);
    }
  }
  // Unlike RegExp.test(), search() begins anew with each text, whatever the flags.
  return (name) =>
    all.some((one) => (one instanceof RegExp ? name.search(one) >= 0 : fold(one as string) === fold(name)));
}

/** Whether an event of a module and command is wanted. Modules are the same in any case, as for handlers. */
export type Filter = (module: string, command: string) => boolean;

export function createFilter(module?: Wanted, command?: Wanted): Filter {
  const isModule = test("module", module, (name) => name.toLowerCase());
  const isCommand = test("command", command, (name) => name);
  return (inModule, itsCommand) => isModule(inModule) && isCommand(itsCommand);
}
