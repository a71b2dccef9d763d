export const sharedWorker = (standIn: { name: string } | undefined, base: string) => ({
  name: `shared worker from ${base}, ${standIn?.name}`,
});
