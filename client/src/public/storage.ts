/** Who keeps something, and whether it may. */
export interface StorageOwner {
  userId?: number;
  siteId?: string | undefined;
  /** Its configuration and its events are not those of the user's pages. */
  restApplication?: string | undefined;
  /** True: nothing is kept. */
  skipStorageInit?: boolean;
}

/** `BX.PullClient.StorageManager`: keeps JSON values; a blocked or full storage keeps nothing and says nothing. */
export interface StorageManagerClass {
  /** @param storage - `localStorage`, or another one */
  new (
    owner: StorageOwner,
    storage?: () => Storage,
  ): {
    set(name: string, value: unknown): void;
    /** The value kept under `name`, or `fallback` when there is none or it cannot be read. */
    get<T>(name: string, fallback: T): T;
    remove(name: string): void;
  };
}
