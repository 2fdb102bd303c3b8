/** How safe from eviction this browser keeps what lies in its storage, and how full that is. */
export interface StorageStanding {
  readonly persisted: boolean;
  /** Of the whole origin, as the browser estimates it; null where it does not say. */
  readonly usageBytes: number | null;
  readonly quotaBytes: number | null;
  /**
   * What has to be told to people: `persistent`: it stays until it is erased here or in the browser's settings; `may-be-evicted`: the browser may
   * delete all of it when the disk runs full or after long disuse.
   */
  readonly statement: 'persistent' | 'may-be-evicted';
}

/**
 * Asks the browser to keep what this origin stores (Storage Standard, "persist"), and says how things stand then. Some browsers ask the person:
 * best called on their act. A refusal is an answer, not an error. Whatever the answer, nothing is kept any longer than its time.
 */
export async function persistStorage(): Promise<StorageStanding> {
  // Not in every browser, and not outside of secure contexts.
  const storage = navigator.storage as StorageManager | undefined;
  const persisted = storage === undefined ? false : (await storage.persisted()) || (await storage.persist());
  const { usage = null, quota = null } = storage === undefined ? {} : await storage.estimate();
  return { persisted, usageBytes: usage, quotaBytes: quota, statement: persisted ? 'persistent' : 'may-be-evicted' };
}
