export const greet = (id: number): string => `hello ${id}`;
