import { openConsentLedger, type ConsentGrant, type ConsentLedger, type Notice, type Purpose } from 'bauta';
import { recall, remember, type PreferenceName } from './preferences.ts';

/** Notice, ledger and the one person at this page, known by a random pseudonym. */
export class Consent {
  readonly notice: Notice;
  readonly ledger: ConsentLedger;
  readonly dataSubject: string;

  private constructor(notice: Notice, ledger: ConsentLedger, dataSubject: string) {
    this.notice = notice;
    this.ledger = ledger;
    this.dataSubject = dataSubject;
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static async open(notice: Notice, dataSubject: string): Promise<Consent> {
    return new Consent(notice, await openConsentLedger({ notice }), dataSubject);
  }

  /** A live grant, or null: no answer, another one, or one that has ended. */
  async grant(purpose: Purpose): Promise<ConsentGrant | null> {
    const decision = await this.ledger.require(purpose, this.dataSubject);
    return decision.granted ? decision.grant : null;
  }
}

/** The remembered pseudonym of that name, or a new one, random as all of them. */
export function pseudonym(name: PreferenceName): string {
  const subject = recall(name) ?? crypto.randomUUID();
  remember(name, subject);
  return subject;
}
