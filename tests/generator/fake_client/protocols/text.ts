export const text = { name: "text" };
