/** `a=1&b[0]=2`: form and query encoding as PHP reads it; what is undefined, empty or false is left out. */
export function toQuery(params: object): string {
  const pairs: string[] = [];
  const add = (name: string, value: unknown): void => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) add(`${name}[${index}]`, item);
    else if (value) pairs.push(`${name}=${encodeURIComponent(String(value))}`);
  };
  for (const [name, value] of Object.entries(params)) add(name, value);
  return pairs.join("&");
}

/** The address with these parameters behind those it has. */
export function withQuery(url: string, params: object): string {
  const query = toQuery(params);
  return query ? url + (url.includes("?") ? "&" : "?") + query : url;
}
