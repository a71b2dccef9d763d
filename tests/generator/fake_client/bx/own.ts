export const ownBx = { name: "page's own" };
