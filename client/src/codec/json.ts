/** The value of a JSON text; undefined where it is none. Events come by it: quietly() would need a function for each. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
