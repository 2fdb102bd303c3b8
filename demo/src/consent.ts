import { openConsentLedger, type ConsentGrant, type ConsentLedger, type Notice, type Purpose } from 'bauta';
import { demoNotice } from './notice.ts';
import { recall, remember } from './preferences.ts';

/** The purposes that this page asks for; none of the others is ever needed here. */
export type AskedPurpose = Extract<Purpose, 'live-redacted-view' | 'redacted-recording'>;

/** Notice, ledger and the one person at this browser, known by a random pseudonym. */
export class Consent {
  readonly notice: Notice;
  readonly ledger: ConsentLedger;
  readonly dataSubject: string;

  private constructor(notice: Notice, ledger: ConsentLedger) {
    this.notice = notice;
    this.ledger = ledger;
    this.dataSubject = recall('bauta-demo.subject') ?? crypto.randomUUID();
    remember('bauta-demo.subject', this.dataSubject);
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static async open(): Promise<Consent> {
    const notice = demoNotice();
    return new Consent(notice, await openConsentLedger({ notice }));
  }

  /** A live grant, or null: no answer, another one, or one that has ended. */
  async grant(purpose: AskedPurpose): Promise<ConsentGrant | null> {
    const decision = await this.ledger.require(purpose, this.dataSubject);
    return decision.granted ? decision.grant : null;
  }
}
