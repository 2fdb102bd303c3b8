import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import { FacePrivacyError } from '../core/errors.ts';

/** One step of a schema's history: makes version n + 1 of version n, inside the upgrade's transaction. */
export type UpgradeStep<Schema extends DBSchema> = (
  database: IDBPDatabase<Schema>,
  transaction: IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>,
) => void | Promise<void>;

/** Which database to open. */
export interface VaultDatabase<Schema extends DBSchema> {
  readonly name: string;
  /** All steps since the first version, in order; their number is the version. A step that was shipped is never changed. */
  readonly steps: readonly UpgradeStep<Schema>[];
  /** Called once when the database is taken away while in use: deleted, site data cleared, or wanted by a newer version. */
  readonly onLost: () => void;
}

/**
 * Opens a database and brings it to the newest version; rows that are there are kept. The caller closes it.
 * @throws FacePrivacyError ERR_STORAGE_FAILED when the browser gives no storage, when another tab keeps an older version open,
 * or when the database was made by a newer version of the library.
 */
export function openVaultDatabase<Schema extends DBSchema>({ name, steps, onLost }: VaultDatabase<Schema>): Promise<IDBPDatabase<Schema>> {
  let told = false;
  let refused = false;
  const lose = (): void => {
    if (!told) onLost();
    told = true;
  };
  return guardStorage(
    () =>
      new Promise((resolve, reject) => {
        openDB<Schema>(name, steps.length, {
          upgrade(database, before, _next, transaction) {
            const upgrading = (async () => {
              for (const step of steps.slice(before)) await step(database, transaction);
            })();
            upgrading.catch((error: unknown) => {
              reject(new Error('a step of the upgrade failed', { cause: error }));
              transaction.done.catch(() => undefined); // That it was aborted is told by what aborted it.
              transaction.abort();
            });
          },
          // Waiting for another tab could take for ever.
          blocked: () => {
            refused = true;
            reject(new Error('another tab keeps an older version of the database open'));
          },
          blocking: (_current, _blocked, event) => {
            (event.target as IDBDatabase).close();
            lose();
          },
          terminated: lose,
        }).then((database) => {
          // Once refused, it comes too late: nobody would close it.
          if (refused) database.close();
          else resolve(database);
        }, reject);
      }),
  );
}

/**
 * Runs work on storage. Where storage is blocked, calls throw at once instead of rejecting; both are told alike.
 * @throws FacePrivacyError ERR_STORAGE_FAILED with the browser's error as its cause; a FacePrivacyError stays as it is.
 */
export async function guardStorage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof FacePrivacyError) throw cause;
    throw new FacePrivacyError('ERR_STORAGE_FAILED', 'The browser refused to read or write templates (private mode, quota, cleared data or a blocked upgrade).', {
      cause,
      details: { field: 'store' },
    });
  }
}

/**
 * Runs the requests of a transaction and waits until it is durable. Whatever fails, nothing of it is written.
 * @throws what `work` throws, or the browser's error when the transaction breaks.
 */
export async function allOrNothing<T>(tx: { readonly done: Promise<unknown>; abort(): void }, work: () => Promise<T>): Promise<T> {
  const done = tx.done.then(() => null, (error: unknown) => (error instanceof Error ? error : new Error('the transaction was aborted', { cause: error })));
  let value: T;
  try {
    value = await work();
  } catch (error) {
    // A request that failed has ended the transaction by itself; what `work` itself throws has not.
    abortUnlessEnded(tx);
    await done;
    throw error;
  }
  const failure = await done;
  if (failure !== null) throw failure;
  return value;
}

function abortUnlessEnded(tx: { abort(): void }): void {
  try {
    tx.abort();
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error;
  }
}
