/**
 * The events of back ends that page code knows: module, command, type of `params`. Empty; a page's code adds to it by
 * declaration merging, and then the events of these modules are checked:
 *
 * ```ts
 * interface BxPullEvents {
 *   im: { message: { id: number; text: string }; read: { chatId: number } };
 * }
 * ```
 *
 * Modules are written in lower case, as events bring them. Nothing is checked while the page runs: an event with a
 * command that is not declared arrives all the same.
 */
// biome-ignore lint/suspicious/noEmptyInterface: users add to it
interface BxPullEvents {}

/** The same for events that pages publish (`onPullClientEvent…`, and `subscribe()` with the type "client"). */
// biome-ignore lint/suspicious/noEmptyInterface: users add to it
interface BxPullClientEvents {}
