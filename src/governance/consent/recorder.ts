import { FacePrivacyError } from '../../core/errors.ts';
import type { EpochMs } from '../../core/time.ts';
import { draftExpiries, draftWithdrawal } from './drafts.ts';
import { assertNoticeValid, type Desk } from './desk.ts';
import type { ConsentJournal, Draft } from './journal.ts';
import type { LedgerClock } from './ledger-clock.ts';
import type { ConsentRecord } from './record.ts';
import type { ConsentStore } from './store.ts';

/** What is said of an answer that came together with something else. */
export function conflict(): FacePrivacyError {
  return new FacePrivacyError('ERR_CONSENT_CONFLICT', 'answers differ from what another tab recorded at the same time; nothing stands. Ask again.', { details: { field: 'answers' } });
}

/** An answer on its way. */
export interface Answering {
  readonly dataSubject: string;
  readonly draft: (past: readonly ConsentRecord[], now: EpochMs) => Draft;
  readonly isConflict: (base: readonly ConsentRecord[], past: readonly ConsentRecord[], mine: Draft) => boolean;
}

/** Brings what people say into the journal, beside other tabs and whatever the clock says. */
export class ConsentRecorder {
  readonly #store: ConsentStore;
  readonly #journal: ConsentJournal;
  readonly #clock: LedgerClock;
  readonly #onRecorded: (dataSubject: string) => void;

  /** @param onRecorded called after everything that was written about a person. */
  constructor(store: ConsentStore, journal: ConsentJournal, clock: LedgerClock, onRecorded: (dataSubject: string) => void) {
    this.#store = store;
    this.#journal = journal;
    this.#clock = clock;
    this.#onRecorded = onRecorded;
  }

  /** Adds what needs no regard for other tabs. */
  async add(dataSubject: string, draft: (past: readonly ConsentRecord[], now: EpochMs) => readonly Draft[]): Promise<ConsentRecord[]> {
    const records = await this.#journal.append(dataSubject, draft);
    if (records.length > 0) this.#onRecorded(dataSubject);
    return records;
  }

  /**
   * Adds an answer. Where another tab recorded something else meanwhile, adds the end of everything instead.
   * @throws FacePrivacyError ERR_CONSENT_NOTICE, ERR_CONSENT_CONFLICT, ERR_STORAGE_FAILED.
   */
  async answer({ dataSubject, draft, isConflict }: Answering, desk: Desk): Promise<ConsentRecord> {
    let base = await this.#journal.read(dataSubject);
    if (this.#clock.isSetBack) {
      await this.#startAnew(desk);
      base = await this.#journal.read(dataSubject);
    }
    assertNoticeValid(desk.notice, this.#clock.now());
    let conflicting = false;
    const [record] = await this.add(dataSubject, (past, now) => {
      const mine = draft(past, now);
      conflicting = isConflict(base.records, past, mine);
      return conflicting ? draftWithdrawal(dataSubject, past, now, desk, 'consent.conflict') : [mine];
    });
    if (!conflicting && record !== undefined) return record;
    throw conflict();
  }

  /** Tells of agreements whose time is over. */
  async expire(dataSubject: string, desk: Desk): Promise<void> {
    await this.add(dataSubject, (past, now) => draftExpiries(past, now, desk));
  }

  /** Ends everything that stands about a person. What cannot be recorded as withdrawn is deleted: it must not stand after a reload. */
  async withdraw(dataSubject: string, desk: Desk): Promise<void> {
    try {
      await this.add(dataSubject, (past, now) => draftWithdrawal(dataSubject, past, now, desk));
    } catch (error) {
      await this.#store.discard(dataSubject);
      throw error;
    }
  }

  /**
   * The clock was set back and a person answers all the same: whatever stands ends, since nobody can tell how much of its
   * time is over, and time goes on from what the clock says now.
   */
  async #startAnew(desk: Desk): Promise<void> {
    for (const dataSubject of await this.#store.dataSubjects()) {
      await this.add(dataSubject, (past, now) => draftExpiries(past, now, desk, true));
    }
    const clock = this.#clock.read();
    await this.#journal.note('clock.set-back', { seen: this.#clock.now(), clock }, { resetClock: clock });
  }
}
