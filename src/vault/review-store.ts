import type { DBSchema, IDBPDatabase } from 'idb';
import { FacePrivacyError } from '../core/errors.ts';
import type { CaseNotes, ManualBox, ReviewDecision, ReviewNote } from '../core/review.ts';
import type { EpochMs } from '../core/time.ts';
import type { UnmaskUse } from '../governance/access/judge-unmask.ts';
import type { StatementKind } from '../governance/access/statement-content.ts';
import { createSealingKey } from './gallery-keys.ts';
import { allOrNothing, guardStorage, openVaultDatabase, type UpgradeStep } from './open-database.ts';
import { openJson, sealJson, type SealedJson } from './sealed-json.ts';

/** A work order, request or decision as it was taken in; verified whenever it is used. */
export interface KeptStatement {
  readonly id: string;
  readonly kind: Exclude<StatementKind, 'staff'>;
  readonly token: string;
  readonly keptAt: EpochMs;
}

/** A work order that was closed, or a request that was revoked. */
export interface EndedMark {
  readonly id: string;
  readonly by: string;
  readonly at: EpochMs;
}

/** A look that was begun. */
export interface KeptUse extends UnmaskUse {
  readonly trackId: number;
  readonly staffId: string;
}

/** Who opened a recording first. */
export interface OpenedMark {
  readonly by: string;
  readonly at: EpochMs;
}

/** What is kept of reviews, by kind. */
export interface ReviewRows {
  readonly statement: KeptStatement;
  readonly ended: EndedMark;
  readonly use: KeptUse;
  readonly opened: OpenedMark;
  readonly note: ReviewNote;
  readonly box: ManualBox;
  readonly decision: ReviewDecision;
}

/** One of {@link ReviewRows}. */
export type ReviewRowKind = keyof ReviewRows;

/** A row and the recording that it belongs to. */
export interface ReviewRow<K extends ReviewRowKind> {
  readonly recordingId: string;
  readonly value: ReviewRows[K];
}

interface SealedRow {
  readonly kind: ReviewRowKind;
  readonly id: string;
  readonly recordingId: string;
  readonly addedAt: EpochMs;
  readonly sealed: SealedJson;
}

interface ReviewSchema extends DBSchema {
  rows: { key: [kind: ReviewRowKind, id: string]; value: SealedRow; indexes: { 'by-recording': string; 'by-kind': string } };
  keys: { key: string; value: CryptoKey };
}

const STEPS: readonly UpgradeStep<ReviewSchema>[] = [
  (database) => {
    const rows = database.createObjectStore('rows', { keyPath: ['kind', 'id'] });
    rows.createIndex('by-recording', 'recordingId');
    rows.createIndex('by-kind', 'kind');
    database.createObjectStore('keys');
  },
];
const KEY = 'sealing';

/** The database of an app that names no other. */
export const REVIEW_DATABASE = 'bauta-review';

/**
 * What staff say and do about recordings, sealed row by row in IndexedDB of this origin (MEG-crypt). Rows are added, and erased with their
 * recording; none is changed. Every method rejects with FacePrivacyError ERR_STORAGE_FAILED when the place is full, blocked or gone. The caller
 * closes it.
 */
export class ReviewStore {
  /** Called once when the database is taken away while in use: deleted, evicted, or wanted by a newer version. */
  onLost: (() => void) | null = null;
  readonly #db: IDBPDatabase<ReviewSchema>;
  readonly #key: CryptoKey;

  private constructor(db: IDBPDatabase<ReviewSchema>, key: CryptoKey) {
    this.#db = db;
    this.#key = key;
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static async open(name = REVIEW_DATABASE): Promise<ReviewStore> {
    const losing: { tell: () => void } = { tell: () => undefined };
    const db = await openVaultDatabase<ReviewSchema>({ name, steps: STEPS, onLost: () => { losing.tell(); } });
    try {
      const store = new ReviewStore(db, await sealingKeyOf(db));
      losing.tell = () => {
        store.onLost?.();
        store.onLost = null;
      };
      return store;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Adds a row; false, and nothing is written, when there is one of this kind and id. */
  async add<K extends ReviewRowKind>(kind: K, id: string, { recordingId, value }: ReviewRow<K>, addedAt: EpochMs): Promise<boolean> {
    const sealed = await sealJson(value, this.#key, [kind, id, recordingId, addedAt]);
    return guardStorage(async () => {
      const tx = this.#db.transaction('rows', 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        if ((await tx.store.getKey([kind, id])) !== undefined) return false;
        await tx.store.add({ kind, id, recordingId, addedAt, sealed });
        return true;
      });
    });
  }

  /**
   * Rows of a kind, of one recording or of all, oldest first.
   * @throws FacePrivacyError ERR_VAULT_INTEGRITY when one was changed or put in another's place.
   */
  async list<K extends ReviewRowKind>(kind: K, recordingId?: string): Promise<ReviewRow<K>[]> {
    const rows = await guardStorage(() => (recordingId === undefined ? this.#db.getAllFromIndex('rows', 'by-kind', kind) : this.#db.getAllFromIndex('rows', 'by-recording', recordingId)));
    const found = rows.filter((row) => row.kind === kind).sort((a, b) => a.addedAt - b.addedAt);
    return Promise.all(found.map(async (row) => ({ recordingId: row.recordingId, value: await this.#opened<K>(row) })));
  }

  /** The row of a kind and id, or null. @throws as {@link ReviewStore.list}. */
  async find<K extends ReviewRowKind>(kind: K, id: string): Promise<ReviewRow<K> | null> {
    const row = await guardStorage(() => this.#db.get('rows', [kind, id]));
    return row === undefined ? null : { recordingId: row.recordingId, value: await this.#opened<K>(row) };
  }

  /** What was added to recordings in their reviews, in the order of `recordingIds`. @throws as {@link ReviewStore.list}. */
  notesOf(recordingIds: readonly string[]): Promise<CaseNotes[]> {
    return Promise.all(
      recordingIds.map(async (recordingId) => {
        const [boxes, notes, decisions] = await Promise.all([this.list('box', recordingId), this.list('note', recordingId), this.list('decision', recordingId)]);
        return { boxes: boxes.map(({ value }) => value), notes: notes.map(({ value }) => value), decisions: decisions.map(({ value }) => value) };
      }),
    );
  }

  /** Ids of all recordings about which anything is kept. */
  recordingIds(): Promise<string[]> {
    return guardStorage(async () => {
      const ids: string[] = [];
      const index = this.#db.transaction('rows').store.index('by-recording');
      for (let at = await index.openKeyCursor(null, 'nextunique'); at !== null; at = await at.continue()) ids.push(at.key);
      return ids;
    });
  }

  /** How many rows there are about these recordings. */
  count(recordingIds: readonly string[]): Promise<number> {
    return guardStorage(async () => {
      const counts = await Promise.all(recordingIds.map((recordingId) => this.#db.countFromIndex('rows', 'by-recording', recordingId)));
      return counts.reduce((sum, rows) => sum + rows, 0);
    });
  }

  /** Destroys everything about these recordings, in one transaction. @returns how many rows. */
  erase(recordingIds: readonly string[]): Promise<number> {
    return guardStorage(() => {
      const tx = this.#db.transaction('rows', 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        let erased = 0;
        for (const recordingId of recordingIds) {
          for (const key of await tx.store.index('by-recording').getAllKeys(recordingId)) {
            await tx.store.delete(key);
            erased += 1;
          }
        }
        return erased;
      });
    });
  }

  /** Idempotent. */
  close(): void {
    this.onLost = null;
    this.#db.close();
  }

  async #opened<K extends ReviewRowKind>({ kind, id, recordingId, addedAt, sealed }: SealedRow): Promise<ReviewRows[K]> {
    const value = await openJson(sealed, this.#key, [kind, id, recordingId, addedAt]);
    if (value !== null) return value as ReviewRows[K];
    throw new FacePrivacyError('ERR_VAULT_INTEGRITY', 'Something that is kept of a review was changed; it is not used.', { details: { recordingId, field: kind } });
  }
}

/** Two tabs that make one at once keep the first. */
async function sealingKeyOf(db: IDBPDatabase<ReviewSchema>): Promise<CryptoKey> {
  const made = await createSealingKey();
  return guardStorage(() => {
    const tx = db.transaction('keys', 'readwrite', { durability: 'strict' });
    return allOrNothing(tx, async () => {
      const kept = await tx.store.get(KEY);
      if (kept === undefined) await tx.store.add(made, KEY);
      return kept ?? made;
    });
  });
}
