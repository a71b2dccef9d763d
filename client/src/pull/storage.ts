import type { StorageOwner } from "../public/storage";
import { quietly } from "../quietly";
import { firstGiven } from "../values";

/** Keeps JSON values under `bx-pull-<userId>-<siteId>-<name>`, an application's with its code
 * after the site. A blocked or full storage keeps nothing and says nothing. */
export class StorageManager {
  declare private readonly item_: <T>(
    name: string,
    use: (storage: Storage, key: string) => T,
  ) => T | undefined;

  constructor(owner: StorageOwner, storage = () => localStorage) {
    this.item_ = (name, use) =>
      quietly(() => {
        const { userId = 0, siteId = "none", restApplication = "", skipStorageInit } = owner;
        // Any touch of a blocked storage throws.
        if (!skipStorageInit)
          return use(
            storage(),
            `bx-pull-${userId}-${siteId}${restApplication && `-${restApplication}`}-${name}`,
          );
        return undefined;
      });
  }

  set(name: string, value: unknown): void {
    this.item_(name, (storage, key) => storage.setItem(key, JSON.stringify(value)));
  }

  /** The value kept under `name`, or `fallback` when there is none or it cannot be read. */
  get<T>(name: string, fallback: T): T {
    const kept = this.item_(name, (storage, key) => JSON.parse(storage.getItem(key) as string));
    return firstGiven(kept, fallback);
  }

  remove(name: string): void {
    this.item_(name, (storage, key) => storage.removeItem(key));
  }
}
