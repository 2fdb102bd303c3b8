import { FacePrivacyError } from '../../core/errors.ts';
import type { EpochMs } from '../../core/time.ts';
import { AUDIT_ROOT, chainEntry, type AuditCode, type AuditEntry, type AuditIds } from '../audit/entry.ts';
import { isHead, isHeadDue, signHead, verifyHead, type SignedHead } from '../audit/head.ts';
import { readHistory } from './history.ts';
import type { LedgerClock } from './ledger-clock.ts';
import { signRecord } from './proof.ts';
import type { ConsentRecord, UnsignedRecord } from './record.ts';
import type { ConsentStore, DeviceKey, ExceptionEntry, StoreBatch, StoreView } from './store.ts';

/** A record still without the fields that the journal gives. */
export type DraftRecord = Omit<UnsignedRecord, 'schemaVersion' | 'recordId' | 'replaces' | 'recordedAt'>;

/** A record to be written and the audit code that tells of it. */
export interface Draft {
  readonly code: AuditCode;
  readonly record: DraftRecord;
}

/** The records of one person as they stand in the store, or what makes them untrustworthy. */
export type Reading =
  | { readonly records: readonly ConsentRecord[]; readonly fault: null }
  | { readonly records: readonly []; readonly fault: FacePrivacyError };

/** Each round means that another tab wrote first; so many in a row mean that something is wrong. */
const MAX_ROUNDS = 100;

/** Writes signed records and chained audit entries, together or not at all, beside other tabs that do the same. */
export class ConsentJournal {
  readonly #store: ConsentStore;
  readonly #key: DeviceKey;
  readonly #clock: LedgerClock;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(store: ConsentStore, key: DeviceKey, clock: LedgerClock) {
    this.#store = store;
    this.#key = key;
    this.#clock = clock;
  }

  /** Resolves when all that was to be written until now is; how it went is told to those who asked for it. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /** Takes no more; resolves as {@link ConsentJournal.settled}. Idempotent. */
  close(): Promise<void> {
    this.#closed = true;
    return this.settled();
  }

  /** The records of one person, checked and in order. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  async read(dataSubject: string): Promise<Reading> {
    this.#assertOpen();
    return this.#check(await this.#view(dataSubject), dataSubject);
  }

  /**
   * Adds what `draft` makes of the records that stand at that moment; it is asked again when another tab was faster. Rows
   * that cannot be trusted are set aside first: `draft` sees none then.
   * @throws FacePrivacyError ERR_STORAGE_FAILED: nothing was written.
   */
  append(dataSubject: string, draft: (past: readonly ConsentRecord[], now: EpochMs) => readonly Draft[]): Promise<ConsentRecord[]> {
    return this.#write(dataSubject, async (view) => {
      const { records: past, fault } = await this.#check(view, dataSubject);
      const now = this.#clock.now();
      const drafts = draft(past, now);
      if (drafts.length === 0) return null;
      const chain = new Chain(view.head, now);
      if (fault !== null) await chain.add('record.invalid', { about: dataSubject, field: String(fault.details['field']) });
      const records: ConsentRecord[] = [];
      let replaces = past.at(-1)?.recordId ?? null;
      for (const { code, record } of drafts) {
        const unsigned = { ...record, schemaVersion: 2, recordId: crypto.randomUUID(), replaces, recordedAt: now } as const;
        const signed = await signRecord({ ...unsigned, validUntil: Math.max(record.validUntil, now) }, this.#key);
        records.push(signed);
        replaces = signed.recordId;
        const { recordId, requestId, noticeHash } = signed;
        await chain.add(code, { subject: dataSubject, recordId, requestId, noticeHash });
      }
      const batch = { records: records.map((record) => ({ subject: dataSubject, record })), audit: chain.entries };
      return { batch: fault === null ? batch : { ...batch, setAside: dataSubject }, answer: records };
    }).then((records) => records ?? []);
  }

  /** Adds an audit entry. @throws FacePrivacyError ERR_STORAGE_FAILED; TypeError for ids that do not belong in a log. */
  async note(code: AuditCode, ids: AuditIds, more: Pick<StoreBatch, 'resetClock'> & { readonly exceptions?: readonly ExceptionEntry[] } = {}): Promise<void> {
    await this.#write('', async (view) => {
      const chain = new Chain(view.head, this.#clock.now());
      await chain.add(code, ids);
      return { batch: { records: [], audit: chain.entries, ...more }, answer: null };
    });
  }

  /** Adds an audit entry and signs the log as it stands with it. @throws as {@link ConsentJournal.note}. */
  async noteAndSign(code: AuditCode, ids: AuditIds): Promise<SignedHead> {
    const head = await this.#write('', async (view) => {
      const now = this.#clock.now();
      const entry = await chainEntry(view.head, code, ids, now);
      const signedHead = await signHead(entry, this.#key, now);
      return { batch: { records: [], audit: [entry], signedHead }, answer: signedHead };
    });
    return head!;
  }

  /**
   * Whether the log still reaches as far as its latest signed head says: false when its end was cut off or exchanged here, in this browser.
   * What lies before the head is for `verifyAuditExport`. @throws FacePrivacyError ERR_STORAGE_FAILED.
   */
  async reachesItsHead(): Promise<boolean> {
    const { head, signedHead } = await this.#view('');
    if (signedHead === null) return true;
    if (!isHead(signedHead) || !(await verifyHead(signedHead, this.#key))) return false;
    const length = head?.sequence ?? 0;
    return length === signedHead.sequence ? (head?.hash ?? AUDIT_ROOT) === signedHead.hash : length > signedHead.sequence;
  }

  async #check(view: StoreView, dataSubject: string): Promise<Reading> {
    try {
      return { records: await readHistory(view, dataSubject, this.#key), fault: null };
    } catch (error) {
      if (error instanceof FacePrivacyError) return { records: [], fault: error };
      throw error;
    }
  }

  async #view(dataSubject: string): Promise<StoreView> {
    const view = await this.#store.view(dataSubject, this.#clock.read());
    this.#clock.adopt(view.highWater);
    return view;
  }

  /** The batch, with a signed head where one is due. */
  async #withHead(batch: StoreBatch, { head, signedHead }: StoreView): Promise<StoreBatch> {
    const last = batch.audit.at(-1);
    if (last === undefined || batch.signedHead !== undefined) return batch;
    const now = this.#clock.now();
    // One that speaks of entries which are not there any more says nothing of these.
    const latest = isHead(signedHead) && signedHead.sequence <= (head?.sequence ?? 0) ? signedHead : null;
    return isHeadDue(latest, last, now) ? { ...batch, signedHead: await signHead(last, this.#key, now) } : batch;
  }

  /** One after the other within this tab; beside other tabs, again until nobody came in between. */
  async #write<T>(dataSubject: string, make: (view: StoreView) => Promise<{ batch: StoreBatch; answer: T } | null>): Promise<T | null> {
    this.#assertOpen();
    const run = async (): Promise<T | null> => {
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const view = await this.#view(dataSubject);
        const made = await make(view);
        if (made === null) return null;
        if (await this.#store.commit(await this.#withHead(made.batch, view))) {
          if (made.batch.resetClock !== undefined) this.#clock.adopt(made.batch.resetClock);
          return made.answer;
        }
      }
      throw new FacePrivacyError('ERR_STORAGE_FAILED', 'Other tabs write to the consent store without a pause; nothing was recorded.');
    };
    const done = this.#last.then(run);
    // The next one waits for this one, however it ends; how it ends is told to its own caller.
    this.#last = done.then(() => null, () => null);
    return done;
  }

  #assertOpen(): void {
    if (this.#closed) throw ledgerClosed();
  }
}

/** What a closed ledger answers. */
export function ledgerClosed(): FacePrivacyError {
  return new FacePrivacyError('ERR_STORAGE_FAILED', 'The consent ledger is closed; open it anew.', { details: { field: 'store', reason: 'closed' } });
}

class Chain {
  readonly entries: AuditEntry[] = [];
  readonly #head: AuditEntry | null;
  readonly #now: EpochMs;

  constructor(head: AuditEntry | null, now: EpochMs) {
    this.#head = head;
    this.#now = now;
  }

  async add(code: AuditCode, ids: AuditIds): Promise<void> {
    this.entries.push(await chainEntry(this.entries.at(-1) ?? this.#head, code, ids, this.#now));
  }
}
