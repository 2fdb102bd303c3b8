import type { DBSchema, IDBPDatabase } from 'idb';
import { canonicalJson } from '../core/canonical-json.ts';
import { isObject } from '../core/options.ts';
import type { EpochMs } from '../core/time.ts';
import { createNamingKey, createSealingKey, nameTag } from './gallery-keys.ts';
import { allOrNothing, guardStorage, openVaultDatabase, type UpgradeStep } from './open-database.ts';
import type { ErasedRows } from './template-store.ts';

/** Whose a template is. */
export interface Identity {
  readonly templateId: string;
  /** Pseudonym, as in the consent records. */
  readonly dataSubject: string;
  /** The record that it was enrolled under; null under an exception. */
  readonly recordId: string | null;
  readonly enrolledAt: EpochMs;
  readonly expiresAt: EpochMs;
}

/** The keys of one gallery's identities; others than those of its templates. */
interface IdentityKeys {
  readonly galleryId: string;
  readonly sealing: CryptoKey;
  readonly naming: CryptoKey;
}

interface IdentityRow {
  readonly templateId: string;
  readonly galleryId: string;
  /** `nameTag` of the person under the gallery's key: rows of one person are found without opening any. */
  readonly person: string;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
  /** Id of the rights request that restricts it: kept, and compared with nobody until that is lifted. */
  readonly restrictedBy?: string | null;
}

interface IdentitySchema extends DBSchema {
  identities: { key: string; value: IdentityRow; indexes: { 'by-gallery': string; 'by-person': [string, string] } };
  keys: { key: string; value: IdentityKeys };
}

const STEPS: readonly UpgradeStep<IdentitySchema>[] = [
  (database) => {
    const identities = database.createObjectStore('identities', { keyPath: 'templateId' });
    identities.createIndex('by-gallery', 'galleryId');
    identities.createIndex('by-person', ['galleryId', 'person']);
    database.createObjectStore('keys', { keyPath: 'galleryId' });
  },
];

/** Texts are filled up to a multiple of this, so that a row's length does not tell a name's. */
const PADDED_TO_BYTES = 256;
const ROWS_AT_ONCE = 256;

/** All identities of a gallery, and the template ids of rows that did not open, and of rows that are kept and must not be used. */
export interface IdentityList {
  readonly identities: readonly Identity[];
  readonly broken: readonly string[];
  readonly restricted: readonly string[];
}

/**
 * Whose the templates are: sealed, under keys of its own, in a database of its own, apart from the templates (MEG-separate, MEG-crypt).
 * Every method rejects with FacePrivacyError ERR_STORAGE_FAILED when the place is full, blocked, closed or gone. The caller closes it.
 */
export class IdentityStore {
  readonly #db: IDBPDatabase<IdentitySchema>;

  private constructor(db: IDBPDatabase<IdentitySchema>) {
    this.#db = db;
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static async open(name: string, onLost: () => void): Promise<IdentityStore> {
    return new IdentityStore(await openVaultDatabase<IdentitySchema>({ name, steps: STEPS, onLost }));
  }

  /** Everybody in a gallery; rows that were changed after they were stored are named and tell nothing. */
  list(galleryId: string): Promise<IdentityList> {
    return guardStorage(async () => {
      const keys = await this.#db.get('keys', galleryId);
      const rows = await this.#db.getAllFromIndex('identities', 'by-gallery', galleryId);
      const identities: Identity[] = [];
      const broken: string[] = [];
      for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
        const batch = rows.slice(from, from + ROWS_AT_ONCE);
        const opened = await Promise.all(batch.map(async (row) => (keys === undefined ? null : openRow(row, keys))));
        opened.forEach((identity, i) => {
          if (identity === null) broken.push(batch[i]!.templateId);
          else identities.push(identity);
        });
      }
      const restricted = rows.filter(({ restrictedBy = null }) => restrictedBy !== null).map(({ templateId }) => templateId);
      return { identities, broken, restricted };
    });
  }

  /** Ids of the templates of one person in a gallery. */
  templatesOf(galleryId: string, dataSubject: string): Promise<string[]> {
    return guardStorage(async () => {
      const keys = await this.#db.get('keys', galleryId);
      if (keys === undefined) return [];
      return this.#db.getAllKeysFromIndex('identities', 'by-person', [galleryId, await nameTag(keys.naming, dataSubject)]);
    });
  }

  /** Adds an identity and deletes others, in one transaction. */
  add(galleryId: string, identity: Identity, replaced: readonly string[]): Promise<void> {
    return guardStorage(async () => {
      const row = await sealRow(galleryId, identity, await this.#keysOf(galleryId));
      const tx = this.#db.transaction('identities', 'readwrite', { durability: 'strict' });
      await allOrNothing(tx, async () => {
        for (const templateId of replaced) await tx.store.delete(templateId);
        await tx.store.add(row);
      });
    });
  }

  /** Deletes identities; unknown ids are no fault. */
  remove(templateIds: readonly string[]): Promise<void> {
    return guardStorage(() => {
      const tx = this.#db.transaction('identities', 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        for (const templateId of templateIds) await tx.store.delete(templateId);
      });
    });
  }

  /** Restricts identities, or lifts that with null; unknown ids are no fault. @param from only those that this request restricts. */
  restrict(templateIds: readonly string[], restrictedBy: string | null, from?: string): Promise<void> {
    return guardStorage(() => {
      const tx = this.#db.transaction('identities', 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        for (const templateId of templateIds) {
          const row = await tx.store.get(templateId);
          if (row !== undefined && (from === undefined || row.restrictedBy === from)) await tx.store.put({ ...row, restrictedBy });
        }
      });
    });
  }

  /** Destroys keys and rows of a gallery, in one transaction. */
  erase(galleryId: string): Promise<ErasedRows> {
    return guardStorage(() => {
      const tx = this.#db.transaction(['identities', 'keys'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const identities = tx.objectStore('identities');
        const ids = await identities.index('by-gallery').getAllKeys(galleryId);
        for (const templateId of ids) await identities.delete(templateId);
        const keys = tx.objectStore('keys');
        const had = (await keys.getKey(galleryId)) !== undefined;
        await keys.delete(galleryId);
        return { rows: ids.length, keys: had ? 2 : 0 };
      });
    });
  }

  /** Ids of all galleries of which there are keys or rows here. */
  galleryIds(): Promise<string[]> {
    return guardStorage(async () => {
      const ids = new Set(await this.#db.getAllKeys('keys'));
      const index = this.#db.transaction('identities').store.index('by-gallery');
      for (let at = await index.openKeyCursor(null, 'nextunique'); at !== null; at = await at.continue()) ids.add(at.key);
      return [...ids];
    });
  }

  /** Idempotent. */
  close(): void {
    this.#db.close();
  }

  async #keysOf(galleryId: string): Promise<IdentityKeys> {
    const stored = await this.#db.get('keys', galleryId);
    if (stored !== undefined) return stored;
    const [sealing, naming] = await Promise.all([createSealingKey(), createNamingKey()]);
    const tx = this.#db.transaction('keys', 'readwrite');
    // Two tabs that make keys at once keep the first.
    const first = await tx.store.get(galleryId);
    const keys = first ?? { galleryId, sealing, naming };
    if (first === undefined) await tx.store.add(keys);
    await tx.done;
    return keys;
  }
}

async function sealRow(galleryId: string, identity: Identity, { sealing, naming }: IdentityKeys): Promise<IdentityRow> {
  const { templateId } = identity;
  const text = new TextEncoder().encode(canonicalJson({ ...identity }));
  // JSON may end in spaces.
  const plain = new Uint8Array(Math.ceil(text.length / PADDED_TO_BYTES) * PADDED_TO_BYTES).fill(0x20);
  plain.set(text);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const person = await nameTag(naming, identity.dataSubject);
  const additionalData = boundTo({ galleryId, templateId, person });
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, sealing, plain));
  return { templateId, galleryId, person, iv, ciphertext };
}

/** Null for a row that was changed, or sealed with another key. */
async function openRow(row: IdentityRow, { sealing }: IdentityKeys): Promise<Identity | null> {
  try {
    const { iv, ciphertext, templateId } = row;
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: boundTo(row) }, sealing, ciphertext);
    const identity: unknown = JSON.parse(new TextDecoder().decode(plain));
    return isIdentity(identity) && identity.templateId === templateId ? identity : null;
  } catch (error) {
    // Not ours, or not whole: the caller names it among the broken ones.
    if (error instanceof DOMException || error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

function boundTo({ galleryId, templateId, person }: Pick<IdentityRow, 'galleryId' | 'templateId' | 'person'>): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(['bauta-identity', 1, galleryId, templateId, person]));
}

function isIdentity(value: unknown): value is Identity {
  if (!isObject(value)) return false;
  const { templateId, dataSubject, recordId, enrolledAt, expiresAt } = value;
  return (
    typeof templateId === 'string' &&
    typeof dataSubject === 'string' &&
    (recordId === null || typeof recordId === 'string') &&
    typeof enrolledAt === 'number' &&
    typeof expiresAt === 'number'
  );
}
