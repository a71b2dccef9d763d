export const shim = { name: "shim" };
