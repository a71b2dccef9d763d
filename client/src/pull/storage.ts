/** Keeps JSON values under `bx-pull-<userId>-<siteId>-<name>`. A blocked or full storage keeps nothing and says nothing. */
export class StorageManager {
  declare private readonly prefix: string;
  declare private readonly storage: Storage | null;

  constructor({
    userId = 0,
    siteId = "none",
    storage,
  }: { userId?: number; siteId?: string; storage?: Storage | null } = {}) {
    this.prefix = `bx-pull-${userId}-${siteId}-`;
    this.storage = storage === undefined ? quietly(() => localStorage, null) : storage;
  }

  set(name: string, value: unknown): void {
    quietly(() => this.storage?.setItem(this.prefix + name, JSON.stringify(value)), undefined);
  }

  /** The value kept under `name`, or `fallback` when there is none or it cannot be read. */
  get<T>(name: string, fallback: T): T {
    return quietly(() => {
      const kept = JSON.parse(this.storage?.getItem(this.prefix + name) as string);
      return kept === null ? fallback : kept;
    }, fallback);
  }

  remove(name: string): void {
    quietly(() => this.storage?.removeItem(this.prefix + name), undefined);
  }
}

/** What `read` gives, or `fallback` where the browser forbids it: any touch of a blocked storage throws. */
export function quietly<T, U>(read: () => T, fallback: U): T | U {
  try {
    return read();
  } catch {
    return fallback;
  }
}
