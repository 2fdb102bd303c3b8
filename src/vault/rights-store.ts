import type { DBSchema, IDBPDatabase } from 'idb';
import type { EpochMs } from '../core/time.ts';
import type { AuditEntry } from '../governance/audit/entry.ts';
import type { ErasureContent, ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import type { AuditLine, RightsReceipt, RightsStore } from '../governance/rights/register.ts';
import type { RightsEntry } from '../governance/rights/request.ts';
import type { RightStep } from '../governance/rights/rights-plan.ts';
import { allOrNothing, guardStorage, openVaultDatabase, type UpgradeStep } from './open-database.ts';
import { withReserve } from './room-reserve.ts';
import { withVaultLock } from './vault-lock.ts';

/** The database of an app that names no other. */
export const RIGHTS_DATABASE = 'bauta-rights';

/** Where what happens to requests is told: the audit log of the ledger. */
export interface RightsAudit {
  /** Resolves when it is durable. @throws FacePrivacyError ERR_STORAGE_FAILED: nothing was written. */
  note(code: AuditLine['code'], ids: AuditLine['ids']): Promise<void>;
  auditLog(): Promise<readonly AuditEntry[]>;
}

/** An erasure that is about to be done: a receipt is made of it where a crash leaves it done and not told. */
export interface PendingErasure {
  /** It is done when none of these is there any more. */
  readonly itemIds: readonly string[];
  readonly content: ErasureContent;
}

/** How far a request has been carried out, so that a crash loses nothing of it. */
export interface RightsProgress {
  readonly requestId: string;
  /** What it was found to mean when it was begun. */
  readonly steps: readonly RightStep[];
  /** Of what was erased for it up to now. */
  readonly erasures: readonly ErasureReceipt[];
  /** Erasures that were begun. */
  readonly pending?: readonly PendingErasure[];
  /** When it was begun to be carried out. */
  readonly begunAt?: EpochMs;
  /** SHA-256 of each correction that was made. */
  readonly corrected: readonly string[];
}

interface Pending {
  readonly entry: RightsEntry;
  readonly audit: AuditLine;
  readonly receipt: RightsReceipt | null;
}

type EntryKey = [requestId: string, number: number];

interface RightsSchema extends DBSchema {
  entries: { key: EntryKey; value: RightsEntry };
  /** Entries of which it is not certain yet whether the audit log tells of them. */
  pending: { key: EntryKey; value: Pending };
  receipts: { key: string; value: RightsReceipt };
  progress: { key: string; value: RightsProgress };
}

const STEPS: readonly UpgradeStep<RightsSchema>[] = [
  (database) => {
    database.createObjectStore('entries', { keyPath: ['requestId', 'number'] });
    database.createObjectStore('pending', { keyPath: ['entry.requestId', 'entry.number'] });
    database.createObjectStore('receipts', { keyPath: 'requestId' });
    database.createObjectStore('progress', { keyPath: 'requestId' });
  },
];

const ALL = ['entries', 'pending', 'receipts', 'progress'] as const;

/**
 * Requests of people in IndexedDB of this origin. The audit log lies in another database, and no transaction spans two: an entry is first
 * put down as pending, then told to the log, and counts from then on. Whoever crashes in between leaves a pending entry; the log decides
 * whether it came to be. Every method rejects with FacePrivacyError ERR_STORAGE_FAILED. The caller closes it.
 */
export class IndexedDbRightsStore implements RightsStore {
  /** Called once when the database is taken away while in use. */
  onLost: (() => void) | null = null;
  readonly #name: string;
  readonly #db: IDBPDatabase<RightsSchema>;
  readonly #audit: RightsAudit;

  private constructor(name: string, db: IDBPDatabase<RightsSchema>, audit: RightsAudit) {
    this.#name = name;
    this.#db = db;
    this.#audit = audit;
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static async open(name: string, audit: RightsAudit): Promise<IndexedDbRightsStore> {
    const losing: { tell: () => void } = { tell: () => undefined };
    const store = new IndexedDbRightsStore(name, await openVaultDatabase<RightsSchema>({ name, steps: STEPS, onLost: () => { losing.tell(); } }), audit);
    losing.tell = () => {
      store.onLost?.();
      store.onLost = null;
    };
    return store;
  }

  entries(requestId: string): Promise<RightsEntry[]> {
    return guardStorage(async () => {
      if ((await this.#db.getKey('pending', allOf(requestId))) !== undefined) await this.#locked(requestId, () => this.#settle(requestId));
      return this.#db.getAll('entries', allOf(requestId));
    });
  }

  requestIds(): Promise<string[]> {
    return guardStorage(async () => {
      for (const requestId of idsIn(await this.#db.getAllKeys('pending'))) await this.#locked(requestId, () => this.#settle(requestId));
      return idsIn(await this.#db.getAllKeys('entries'));
    });
  }

  append(entry: RightsEntry, audit: AuditLine, receipt: RightsReceipt | null): Promise<boolean> {
    const { requestId, number } = entry;
    return guardStorage(() =>
      this.#locked(requestId, async () => {
        await this.#settle(requestId);
        if ((await this.#db.getKey('entries', [requestId, number])) !== undefined) return false;
        const pending: Pending = { entry, audit, receipt };
        await withReserve(() => {
          const tx = this.#db.transaction('pending', 'readwrite', { durability: 'strict' });
          return allOrNothing(tx, () => tx.store.put(pending));
        });
        try {
          await this.#audit.note(audit.code, audit.ids);
        } catch (error) {
          // It may have been written all the same.
          await this.#settle(requestId);
          if ((await this.#db.getKey('entries', [requestId, number])) === undefined) throw error;
          return true;
        }
        await this.#keep(pending);
        return true;
      }),
    );
  }

  receipt(requestId: string): Promise<RightsReceipt | null> {
    return guardStorage(async () => (await this.#db.get('receipts', requestId)) ?? null);
  }

  /** How far a request has been carried out, or null before it was begun. */
  progress(requestId: string): Promise<RightsProgress | null> {
    return guardStorage(async () => (await this.#db.get('progress', requestId)) ?? null);
  }

  /** All progress there is. */
  allProgress(): Promise<RightsProgress[]> {
    return guardStorage(() => this.#db.getAll('progress'));
  }

  /** Puts down how far a request has been carried out. */
  saveProgress(progress: RightsProgress): Promise<void> {
    return guardStorage(() =>
      withReserve(async () => {
        const tx = this.#db.transaction('progress', 'readwrite', { durability: 'strict' });
        await allOrNothing(tx, () => tx.store.put(progress));
      }),
    );
  }

  /** Runs `work` while no other tab carries out the same request. */
  alone<T>(requestId: string, work: () => Promise<T>): Promise<T> {
    return withVaultLock(`${this.#name}:carry-out:${requestId}`, work);
  }

  /** Forgets requests that were answered before this moment, with all that belongs to them: their own time is over. @returns how many. */
  forget(before: EpochMs): Promise<number> {
    return guardStorage(async () => {
      let forgotten = 0;
      for (const requestId of await this.requestIds()) {
        const last = (await this.entries(requestId)).at(-1);
        const answered = last !== undefined && ['completed', 'refused', 'retracted'].includes(last.type);
        if (!answered || last.at >= before) continue;
        const tx = this.#db.transaction(ALL, 'readwrite', { durability: 'strict' });
        await allOrNothing(tx, async () => {
          await tx.objectStore('entries').delete(allOf(requestId));
          await tx.objectStore('receipts').delete(requestId);
          await tx.objectStore('progress').delete(requestId);
        });
        forgotten += 1;
      }
      return forgotten;
    });
  }

  /** Idempotent. */
  close(): void {
    this.onLost = null;
    this.#db.close();
  }

  #locked<T>(requestId: string, work: () => Promise<T>): Promise<T> {
    return withVaultLock(`${this.#name}:${requestId}`, work);
  }

  /** What a crash left pending came to be if the audit log tells of it, and never was otherwise. Only inside the lock. */
  async #settle(requestId: string): Promise<void> {
    const left = await this.#db.getAll('pending', allOf(requestId));
    if (left.length === 0) return;
    const log = await this.#audit.auditLog();
    for (const pending of left) {
      const { code, ids } = pending.audit;
      const told = log.some((line) => line.code === code && line.ids['requestId'] === ids['requestId'] && line.ids['number'] === ids['number']);
      if (told) await this.#keep(pending);
      else await this.#db.delete('pending', [requestId, pending.entry.number]);
    }
  }

  #keep({ entry, receipt }: Pending): Promise<void> {
    return withReserve(() => {
      const tx = this.#db.transaction(['entries', 'pending', 'receipts'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        await tx.objectStore('entries').add(entry);
        if (receipt !== null) await tx.objectStore('receipts').put(receipt);
        await tx.objectStore('pending').delete([entry.requestId, entry.number]);
      });
    });
  }
}

function allOf(requestId: string): IDBKeyRange {
  return IDBKeyRange.bound([requestId, 0], [requestId, Infinity]);
}

function idsIn(keys: readonly EntryKey[]): string[] {
  return [...new Set(keys.map(([requestId]) => requestId))];
}
