import { asFacePrivacyError, FacePrivacyError } from '../../core/errors.ts';
import { later } from '../../core/later.ts';
import { TypedEventTarget } from '../../core/typed-events.ts';
import type { AuditCode, AuditEntry, AuditIds } from '../audit/entry.ts';
import type { SignedHead } from '../audit/head.ts';
import type { Incident, Observation } from '../incidents.ts';
import { checkDataSubject, checkPurposes, type AnswerInput, type GuardianInput, type RequestInput } from './answers.ts';
import { assertNoticeValid, deskOf, type Desk } from './desk.ts';
import { noticeChanged, withdrawn } from './endings.ts';
import type { ExceptionInput } from './exception-input.ts';
import type { ExceptionCode } from './exceptions.ts';
import { refusalError, type ConsentDecision } from './gate.ts';
import { mintGrant, type GrantContent } from './grant.ts';
import type { GrantContext } from './grant-context.ts';
import { groundsOf } from './grounds.ts';
import { ConsentJournal, ledgerClosed } from './journal.ts';
import { ConsentJudge } from './judge.ts';
import type { KeepingContext } from './keeping-context.ts';
import { LedgerAudit } from './ledger-audit.ts';
import type { LedgerClock } from './ledger-clock.ts';
import { LiveGrants } from './live-grants.ts';
import type { Notice } from './notice.ts';
import { exportPublicKey, signStatement } from './proof.ts';
import type { Purpose } from './purposes.ts';
import type { ConsentReceipt } from './receipt.ts';
import type { ConsentRecord } from './record.ts';
import { conflict, ConsentRecorder, type Answering } from './recorder.ts';
import { SCENES } from './scenes.ts';
import type { Standing } from './standing.ts';
import type { ConsentStore, DeviceKey, ExceptionEntry, ThrottleStore } from './store.ts';
import type { TabMessage, Tabs } from './tabs.ts';

/** What a ledger tells. */
export interface LedgerEvents {
  /** Something about this person was recorded, here or in another tab. */
  readonly change: { readonly dataSubject: string };
  /** A live grant has ended. */
  readonly ended: { readonly dataSubject: string; readonly purposes: readonly Purpose[]; readonly reason: FacePrivacyError };
  /** Something that people should look into (MEG-incident); the audit log says the same. */
  readonly incident: Incident;
}

/** @internal What a ledger is made of. */
export interface LedgerParts {
  readonly store: ConsentStore;
  readonly key: DeviceKey;
  readonly clock: LedgerClock;
  readonly tabs: Tabs;
  readonly origin: string;
  readonly exceptions: readonly ExceptionCode[];
}

/**
 * Where answers go in and grants come out: the only way to a grant. Every answer is signed and stored before anything
 * rests on it; a grant ends as soon as what it rests on does. The caller closes it.
 */
export class ConsentLedger extends TypedEventTarget<LedgerEvents> {
  readonly #parts: LedgerParts;
  readonly #journal: ConsentJournal;
  readonly #recorder: ConsentRecorder;
  readonly #judge: ConsentJudge;
  readonly #live: LiveGrants;
  readonly #audit: LedgerAudit;
  #desk: Desk;
  /** Another tab goes by another version of the notice. */
  #superseded = false;
  #closing: Promise<void> | null = null;
  /** Grows with everything that may change a decision. */
  #changes = 0;
  /** Grows with every withdrawal, of anybody, here or in another tab. */
  #withdrawals = 0;
  /** Withdrawals on their way into the store, by person. */
  readonly #withdrawing = new Map<string, Promise<void>>();

  private constructor(parts: LedgerParts, desk: Desk) {
    super();
    this.#parts = parts;
    this.#desk = desk;
    this.#journal = new ConsentJournal(parts.store, parts.key, parts.clock);
    this.#recorder = new ConsentRecorder(parts.store, this.#journal, parts.clock, (dataSubject) => { this.#onRecorded(dataSubject); });
    this.#judge = new ConsentJudge({
      journal: this.#journal,
      recorder: this.#recorder,
      clock: parts.clock,
      inForce: () => ({ desk: this.#desk, superseded: this.#superseded }),
    });
    this.#audit = new LedgerAudit({ ...parts, journal: this.#journal, onIncident: (incident) => { this.emit('incident', incident); } });
    this.#live = new LiveGrants(parts.clock, {
      onEnded: (grant, reason) => {
        this.emit('ended', { dataSubject: grant.dataSubject, purposes: grant.purposes, reason });
        if (reason.code === 'ERR_CONSENT_EXPIRED') this.#inBackground(this.#recorder.expire(grant.dataSubject, this.#desk));
      },
      onLook: () => { this.#inBackground(Promise.all([this.#recheckAll(), this.#audit.lookAtClock()])); },
    });
    parts.tabs.onMessage = (message) => { this.#hear(message); };
    parts.store.onLost = () => {
      this.#changes += 1;
      this.#inBackground(this.#audit.report({ kind: 'storage-lost', about: 'consent' }));
      this.#live.end(this.#live.all(), new FacePrivacyError('ERR_STORAGE_FAILED', 'The stored consent was taken away (site data cleared); ask again.'));
    };
  }

  /** @internal Checks the notice and opens the ledger on it. @throws TypeError, ERR_CONSENT_NOTICE, ERR_STORAGE_FAILED. */
  static async open(parts: LedgerParts, notice: Notice): Promise<ConsentLedger> {
    const ledger = new ConsentLedger(parts, await deskOf(notice, parts.origin));
    assertNoticeValid(ledger.#desk.notice, parts.clock.read());
    // From now on no earlier time is believed.
    await ledger.#journal.read('');
    await ledger.#announceNotice();
    // When the app has had time to listen.
    setTimeout(() => { if (ledger.#closing === null) ledger.#inBackground(ledger.#audit.lookAtLog()); });
    return ledger;
  }

  /** The notice in force: a copy that nothing changes any more. */
  get notice(): Notice {
    return this.#desk.notice;
  }

  /** Where refusals of the camera are kept. */
  get throttle(): ThrottleStore {
    return this.#parts.store.throttle;
  }

  /**
   * Records that the notice was shown to a person (TAF-5.1a).
   * @throws TypeError for a malformed input; FacePrivacyError ERR_CONSENT_NOTICE, ERR_STORAGE_FAILED.
   */
  async request(input: RequestInput): Promise<ConsentRecord> {
    const { takeRequest } = await this.#answering();
    const draft = takeRequest(input, this.#desk);
    this.#assertNotice();
    const [record] = await this.#recorder.add(input.dataSubject, () => [draft]);
    return record!;
  }

  /**
   * Stores a person's answers to the notice; resolves when they are durable.
   * @throws TypeError when a purpose is not answered or a field is malformed; FacePrivacyError ERR_CONSENT_NOTICE,
   * ERR_CONSENT_CONFLICT (another tab recorded something else at the same time: nothing stands), ERR_STORAGE_FAILED.
   */
  async answer(input: AnswerInput): Promise<ConsentRecord> {
    const { takeAnswer } = await this.#answering();
    return this.#answer(takeAnswer(input, this.#desk));
  }

  /**
   * Stores a guardian's answers for a child under 14 (MEG-minor). The child's own answers are needed as well.
   * @throws as {@link ConsentLedger.answer}.
   */
  async answerAsGuardian(input: GuardianInput): Promise<ConsentRecord> {
    const { takeGuardian } = await this.#answering();
    return this.#answer(takeGuardian(input, this.#desk));
  }

  /**
   * A grant for exactly these purposes of this person, or why there is none (TAF-5.1c, TAF-5.3a).
   * @throws TypeError for what is no purpose; FacePrivacyError ERR_STORAGE_FAILED.
   */
  async require(purposes: Purpose | readonly Purpose[], dataSubject: string): Promise<ConsentDecision> {
    checkDataSubject('require', dataSubject);
    const asked = checkPurposes('require', typeof purposes === 'string' ? [purposes] : purposes);
    for (;;) {
      const before = this.#changes;
      const desk = this.#desk;
      // What is stored is not the last word while a withdrawal is being written; should that fail, what is left decides.
      await this.#withdrawing.get(dataSubject)?.catch(() => undefined);
      const verdict = await this.#judge.judge(asked, dataSubject);
      // Something was recorded while this was read: what was read may be over.
      if (before !== this.#changes) continue;
      if (!verdict.granted && verdict.refusal.code === 'ERR_CONSENT_RECORD_INVALID') this.#inBackground(this.#audit.report({ kind: 'integrity-failed', about: 'consent-record' }));
      if (!verdict.granted) return verdict;
      const { record, validUntil } = verdict;
      return this.#grant({ purposes: asked, dataSubject, recordId: record.recordId, exception: null, validUntil }, desk);
    }
  }

  /**
   * A grant without consent, for an hour, under an exception that the ledger was opened with. Every use is recorded
   * before the grant exists (TAF-5.1g, TAF-5.4c).
   * @throws TypeError for an exception that is not configured, of the wrong list or without a reason; FacePrivacyError
   * ERR_STORAGE_FAILED.
   */
  async requireByException(input: ExceptionInput): Promise<ConsentDecision> {
    const { checkException, EXCEPTION_VALID_MS, exceptionEntry } = await later(import('./moments.ts'));
    const { exceptions, clock } = this.#parts;
    const use = checkException(input, this.#desk.notice, exceptions);
    const desk = this.#desk;
    const { code, purposes, dataSubject } = use;
    const entry = exceptionEntry(use, clock.now());
    const { exceptionId, usedAt } = entry;
    await this.#journal.note('exception.used', { exceptionId, exception: code, about: dataSubject, purposes: purposes.join(' ') }, { exceptions: [entry] });
    return this.#grant({ purposes, dataSubject, recordId: null, exception: code, validUntil: usedAt + EXCEPTION_VALID_MS }, desk);
  }

  /**
   * Ends every live grant of the person at once, in every tab, then records the withdrawal, whatever the notice
   * (MEG-withdraw). Without anything to withdraw: nothing to do.
   * @throws FacePrivacyError ERR_STORAGE_FAILED; the grants have ended all the same, and what they rested on was deleted
   * if the browser let it.
   */
  async withdraw(dataSubject: string): Promise<void> {
    checkDataSubject('withdraw', dataSubject);
    this.#changes += 1;
    this.#withdrawals += 1;
    this.#live.end(this.#live.of(dataSubject), withdrawn());
    this.#parts.tabs.post({ kind: 'withdrawn', dataSubject });
    const written = this.#recorder.withdraw(dataSubject, this.#desk);
    this.#withdrawing.set(dataSubject, written);
    try {
      await written;
    } finally {
      if (this.#withdrawing.get(dataSubject) === written) this.#withdrawing.delete(dataSubject);
      // A grant under an exception may have come out while the withdrawal was on its way into the store.
      this.#changes += 1;
      this.#live.end(this.#live.of(dataSubject), withdrawn());
    }
  }

  /**
   * Goes on with another notice; what rests on the present one ends (TAF-5.1e).
   * @throws TypeError for a malformed notice; FacePrivacyError ERR_CONSENT_NOTICE, ERR_STORAGE_FAILED.
   */
  async setNotice(notice: Notice): Promise<void> {
    const desk = await deskOf(notice, this.#parts.origin);
    assertNoticeValid(desk.notice, this.#parts.clock.read());
    const changed = desk.noticeHash !== this.#desk.noticeHash;
    this.#changes += 1;
    this.#desk = desk;
    this.#superseded = false;
    if (changed) this.#live.end(this.#live.all().filter((grant) => grant.noticeHash !== desk.noticeHash), noticeChanged());
    await this.#announceNotice();
  }

  /** How things stand with a person, or null when nothing (trustworthy) was answered to the present notice. */
  async standing(dataSubject: string): Promise<Standing | null> {
    checkDataSubject('standing', dataSubject);
    const { standingOf } = await later(import('./moments.ts'));
    const { records } = await this.#journal.read(dataSubject);
    return standingOf(records, this.#judge.question());
  }

  /** Every record about a person, in order. @throws FacePrivacyError ERR_CONSENT_RECORD_INVALID, ERR_STORAGE_FAILED. */
  async history(dataSubject: string): Promise<readonly ConsentRecord[]> {
    checkDataSubject('history', dataSubject);
    const { records, fault } = await this.#journal.read(dataSubject);
    if (fault !== null) throw fault;
    return records;
  }

  /**
   * What a person can take home: what they were told and what they answered, signed (see `exportReceipt`).
   * @throws TypeError when nothing was recorded for the present notice; FacePrivacyError as {@link ConsentLedger.history}.
   */
  async receipt(dataSubject: string): Promise<ConsentReceipt> {
    const { createReceipt } = await later(import('./moments.ts'));
    const receipt = await createReceipt({ notice: this.notice, records: await this.history(dataSubject), key: this.#parts.key });
    await this.#journal.note('receipt.exported', { about: dataSubject, recordId: receipt.evidence.records.at(-1)?.recordId ?? '' });
    return receipt;
  }

  /** The audit log, in order, to be checked with `verifyChain`. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  auditLog(): Promise<AuditEntry[]> {
    return this.#audit.entries();
  }

  /**
   * The audit log for people outside this browser: lines of canonical JSON with every head that was signed, the last of them now. Verified by
   * `verifyAuditExport` of `bauta/audit` and by `npx bauta-verify-audit FILE`. Whoever keeps an export can tell later whether the log was cut.
   * @throws FacePrivacyError ERR_STORAGE_FAILED.
   */
  exportAudit(): Promise<Blob> {
    return this.#audit.export();
  }

  /**
   * Signs the log as it stands: a few hundred bytes to be kept elsewhere, against which a later export shows whether anything before was cut off
   * or written anew. @throws FacePrivacyError ERR_STORAGE_FAILED.
   */
  signAuditHead(): Promise<SignedHead> {
    return this.#audit.signHead();
  }

  /** Every use of an exception, with its reason. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  exceptionsUsed(): Promise<ExceptionEntry[]> {
    return this.#parts.store.exceptions();
  }

  /** The public half of the key that signs this browser's records. */
  publicKey(): Promise<JsonWebKey> {
    return exportPublicKey(this.#parts.key.publicKey);
  }

  /**
   * Ends all grants, at once; resolves when the audit log holds what was noted until then, such as that captures have stopped, and the store is
   * closed. What ends in its own time, as a recording does, is closed before. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  /** @internal For those who look after what is kept. @throws TypeError for a look-alike. */
  static keeping(ledger: ConsentLedger): KeepingContext {
    if (typeof ledger !== 'object' || (ledger as unknown) === null || !(#parts in ledger)) throw new TypeError('ledger must be a ConsentLedger from openConsentLedger().');
    const { origin, store: { name: storeName } } = ledger.#parts;
    return { ...ledger.#keeping(ledger.#desk.notice), origin, storeName, auditLog: () => ledger.auditLog(), exportAudit: () => ledger.exportAudit() };
  }

  /**
   * The part of the library that takes answers. @throws FacePrivacyError ERR_CONSENT_CONFLICT where somebody withdrew, or another notice was put up, while
   * it was on its way: what was said before is not the last word.
   */
  async #answering(): Promise<typeof import('./moments.ts')> {
    const { noticeHash } = this.#desk;
    const withdrawals = this.#withdrawals;
    const part = await later(import('./moments.ts'));
    if (this.#withdrawals !== withdrawals) throw conflict();
    if (this.#desk.noticeHash !== noticeHash) throw noticeChanged();
    return part;
  }

  async #answer(answering: Answering): Promise<ConsentRecord> {
    if (this.#superseded) throw noticeChanged();
    try {
      return await this.#recorder.answer(answering, this.#desk);
    } finally {
      // What rested on an earlier answer has ended when the new one is told, and on doubt, too.
      await this.#recheckAll();
    }
  }

  #onRecorded(dataSubject: string): void {
    this.#changes += 1;
    this.#parts.tabs.post({ kind: 'changed', dataSubject });
    this.emit('change', { dataSubject });
  }

  async #closeAll(): Promise<void> {
    this.#changes += 1;
    this.#live.end(this.#live.all(), new FacePrivacyError('ERR_CONSENT_WITHDRAWN', 'The consent ledger was closed.'));
    this.#parts.tabs.close();
    await this.#journal.close();
    this.#parts.store.close();
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED once it is closed: nobody would end the grant. */
  #grant(content: Omit<GrantContent, 'noticeHash' | 'context'>, { notice, noticeHash }: Desk): ConsentDecision {
    if (this.#closing !== null) throw ledgerClosed();
    const context = { ...this.#keeping(notice), throttle: this.throttle } satisfies GrantContext;
    const grant = mintGrant({ ...content, validUntil: Math.min(content.validUntil, notice.validUntil), noticeHash, context });
    this.#live.add(grant);
    return { granted: true, grant };
  }

  #keeping(notice: Notice): Omit<GrantContext, 'throttle'> {
    return {
      notice,
      rules: SCENES[notice.scene],
      now: this.#parts.clock.now,
      note: (code: AuditCode, ids: AuditIds) => this.#journal.note(code, ids),
      settled: () => this.#journal.settled(),
      keyId: this.#parts.key.keyId,
      sign: (statement: object) => signStatement(statement, this.#parts.key),
      report: (observation: Observation) => this.#audit.report(observation),
      stands: async (dataSubject: string, purposes: readonly Purpose[]) => {
        await this.#withdrawing.get(dataSubject)?.catch(() => undefined);
        return groundsOf(await this.#judge.judge(purposes, dataSubject));
      },
      onChange: (listener: (dataSubject: string) => void, signal: AbortSignal) => {
        this.addEventListener('change', ({ detail }) => { listener(detail.dataSubject); }, { signal });
      },
    };
  }

  /** Holds the person's live grants against what is stored; on doubt they end. */
  async #recheck(dataSubject: string): Promise<void> {
    for (const grant of this.#live.of(dataSubject)) {
      if (grant.recordId === null) continue;
      try {
        const verdict = await this.#judge.judge(grant.purposes, dataSubject);
        if (!verdict.granted) this.#live.end([grant], refusalError(verdict.refusal));
      } catch (error) {
        this.#live.end([grant], asFacePrivacyError(error, 'ERR_STORAGE_FAILED'));
      }
    }
  }

  async #recheckAll(): Promise<void> {
    for (const dataSubject of new Set(this.#live.all().map((grant) => grant.dataSubject))) await this.#recheck(dataSubject);
  }

  #hear(message: TabMessage): void {
    this.#changes += 1;
    if (message.kind === 'notice') {
      if (message.noticeId !== this.#desk.notice.noticeId || message.noticeHash === this.#desk.noticeHash) return;
      this.#superseded = true;
      this.#live.end(this.#live.all(), noticeChanged());
      return;
    }
    const { kind, dataSubject } = message;
    if (kind === 'withdrawn') {
      this.#withdrawals += 1;
      this.#live.end(this.#live.of(dataSubject), withdrawn());
    } else this.#inBackground(this.#recheck(dataSubject));
    this.emit('change', { dataSubject });
  }

  /** Tells store, log and other tabs when the notice is another than last time. */
  async #announceNotice(): Promise<void> {
    const { notice: { noticeId }, noticeHash } = this.#desk;
    const before = await this.#parts.store.noticeHash(noticeId, noticeHash);
    if (before === noticeHash) return;
    if (before !== null) await this.#journal.note('notice.changed', { noticeId, before, noticeHash });
    this.#parts.tabs.post({ kind: 'notice', noticeId, noticeHash });
  }

  #assertNotice(): void {
    if (this.#superseded) throw noticeChanged();
    assertNoticeValid(this.#desk.notice, this.#parts.clock.read());
  }

  /** For what nobody waits for: grants have ended already; what could not be stored is noticed again at the next look. */
  #inBackground(work: Promise<unknown>): void {
    work.then(() => undefined, () => undefined);
  }
}
