/** A new element: its attributes, then its children; texts are texts, never HTML. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A button that calls back. */
export function button(text: string, title: string, act: () => void): HTMLButtonElement {
  const element = make("button", { type: "button", title }, text);
  element.onclick = act;
  return element;
}
