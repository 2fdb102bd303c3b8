import type { AuditCode, AuditIds } from '../audit/entry.ts';
import type { Desk } from './desk.ts';
import { judgeConsent, type ConsentQuestion, type ConsentVerdict } from './gate.ts';
import type { ConsentJournal } from './journal.ts';
import type { LedgerClock } from './ledger-clock.ts';
import type { Purpose } from './purposes.ts';
import type { ConsentRecorder } from './recorder.ts';

/** What a judge goes by. */
export interface JudgeParts {
  readonly journal: ConsentJournal;
  readonly recorder: ConsentRecorder;
  readonly clock: LedgerClock;
  /** The notice in force at the moment of the question, and whether another tab goes by another version of it. */
  readonly inForce: () => { readonly desk: Desk; readonly superseded: boolean };
}

/** Puts what is stored about a person before the gate, and notes what it comes across: agreements that are over, records and clocks at fault. */
export class ConsentJudge {
  readonly #parts: JudgeParts;
  /** What was noted as wrong already, so that the log is not flooded. */
  readonly #noted = new Set<string>();

  constructor(parts: JudgeParts) {
    this.#parts = parts;
  }

  /** May all of these purposes of this person be pursued now? @throws FacePrivacyError ERR_STORAGE_FAILED. */
  async judge(purposes: readonly Purpose[], dataSubject: string): Promise<ConsentVerdict> {
    const { journal, recorder, clock, inForce } = this.#parts;
    const { records, fault } = await journal.read(dataSubject);
    // Not before: the notice may have changed while this was read.
    const { desk, superseded } = inForce();
    const [purpose] = purposes as [Purpose];
    const essential = desk.notice.purposes.some((entry) => entry.purpose === purpose && entry.essential !== undefined);
    const refuse = (code: 'ERR_CONSENT_NOTICE' | 'ERR_CONSENT_RECORD_INVALID', field: string, message: string): ConsentVerdict => {
      return { granted: false, refusal: { code, purpose, field, essential, message } };
    };
    if (superseded) return refuse('ERR_CONSENT_NOTICE', 'notice', 'Another tab goes by another version of this notice; load the page anew.');
    if (fault !== null) {
      const field = String(fault.details['field']);
      await this.#noteOnce(`${dataSubject} ${field}`, 'record.invalid', { about: dataSubject, field });
      return refuse('ERR_CONSENT_RECORD_INVALID', field, fault.message);
    }
    const verdict = judgeConsent(records, { ...this.question(), purposes });
    if (!verdict.granted && verdict.refusal.code === 'ERR_CONSENT_EXPIRED') await recorder.expire(dataSubject, desk);
    if (!verdict.granted && verdict.refusal.code === 'ERR_CONSENT_CLOCK') {
      await this.#noteOnce('clock', 'clock.set-back', { seen: clock.now(), clock: clock.read() });
    }
    return verdict;
  }

  /** What the gate is asked, apart from the purposes. */
  question(): Omit<ConsentQuestion, 'purposes'> {
    const { clock, inForce } = this.#parts;
    return { ...inForce().desk, clock: clock.read(), highWater: clock.now() };
  }

  async #noteOnce(key: string, code: AuditCode, ids: AuditIds): Promise<void> {
    if (this.#noted.has(key)) return;
    this.#noted.add(key);
    await this.#parts.journal.note(code, ids);
  }
}
