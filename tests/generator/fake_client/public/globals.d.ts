/** Known events. */
// biome-ignore lint/suspicious/noEmptyInterface: users add to it
interface BxPullEvents {}
