/** Keeps JSON values under `bx-pull-<userId>-<siteId>-<name>`. A blocked or full storage keeps nothing and says nothing. */
export class StorageManager {
  private readonly prefix: string;
  private readonly storage: Storage | null;

  constructor(options: { userId?: number; siteId?: string; storage?: Storage | null } = {}) {
    this.prefix = `bx-pull-${options.userId ?? 0}-${options.siteId ?? "none"}-`;
    this.storage = options.storage === undefined ? ownStorage() : options.storage;
  }

  set(name: string, value: unknown): void {
    try {
      this.storage?.setItem(this.prefix + name, JSON.stringify(value));
    } catch {
      // Full or forbidden: the client works without.
    }
  }

  /** The value kept under `name`, or `fallback` when there is none or it cannot be read. */
  get<T>(name: string, fallback: T): T {
    try {
      const kept = this.storage?.getItem(this.prefix + name);
      return kept ? JSON.parse(kept) : fallback;
    } catch {
      return fallback;
    }
  }

  remove(name: string): void {
    try {
      this.storage?.removeItem(this.prefix + name);
    } catch {
      // As in set().
    }
  }
}

function ownStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
