import { openConsentLedger, type ConsentLedger } from 'bauta';
import { openRights, type Rights, type RightsRequest } from 'bauta/rights';
import { persons, type Person } from './persons.ts';

/** Ledger and desk of one person, for as long as the page shows what is theirs. */
export class Desk {
  readonly person: Person;
  readonly rights: Rights;
  readonly #ledger: ConsentLedger;

  private constructor(person: Person, ledger: ConsentLedger, rights: Rights) {
    this.person = person;
    this.#ledger = ledger;
    this.rights = rights;
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static async open(person: Person): Promise<Desk> {
    const ledger = await openConsentLedger({ notice: person.notice });
    try {
      return new Desk(person, ledger, await openRights({ ledger, checkIdentity, carryOutElsewhere }));
    } catch (error) {
      await ledger.close();
      throw error;
    }
  }

  close(): void {
    this.rights.close();
    void this.#ledger.close();
  }
}

/** The person at this browser is whoever has the number. An app would ask them to sign in. */
function checkIdentity({ dataSubject }: RightsRequest): Promise<{ method: string; outcome: 'confirmed' | 'failed' }> {
  return Promise.resolve({ method: 'this-browser', outcome: personOf(dataSubject) === undefined ? 'failed' : 'confirmed' });
}

/** The account of this demo is the number by which a page knows somebody. */
function carryOutElsewhere({ right, dataSubject }: RightsRequest): Promise<undefined> {
  if (right === 'close-account') personOf(dataSubject)?.forget();
  return Promise.resolve(undefined);
}

function personOf(dataSubject: string): Person | undefined {
  return persons().find((person) => person.dataSubject === dataSubject);
}
