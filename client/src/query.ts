/** `a=1&b[0]=2`: form and query parameters as PHP reads them; what is undefined, empty, 0 or false is left out. */
export function toQuery(params: object): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (Array.isArray(value))
      value.forEach((item, index) => {
        query.append(`${name}[${index}]`, item);
      });
    else if (value) query.append(name, value);
  }
  return query;
}

/** The address with these parameters behind those it has. */
export function withQuery(url: string, params: object): string {
  const query = `${toQuery(params)}`;
  return query ? url + (url.includes("?") ? "&" : "?") + query : url;
}
