import {
  decideUnmask,
  issueWorkOrder,
  NonceBook,
  requestUnmask,
  signStaffAssertion,
  verifyAssertion,
  verifyStatement,
  type ActSigner,
  type Role,
  type Statement,
  type StatementExpectation,
  type TrustedKeyInput,
  type UnmaskReason,
  type WorkOrderContent,
} from 'bauta/review';
import { loadDirectoryKey, type DirectoryKey } from './directory-keys.ts';

/** Somebody who works here. */
export interface Person {
  readonly staffId: string;
  readonly roles: readonly Role[];
}

/** All who work here. */
export const PEOPLE = [
  { staffId: 'reviewer-1', roles: ['reviewer'] },
  { staffId: 'reviewer-2', roles: ['reviewer'] },
  { staffId: 'supervisor-1', roles: ['supervisor'] },
  { staffId: 'auditor-1', roles: ['auditor'] },
  { staffId: 'administrator-1', roles: ['administrator'] },
] as const satisfies readonly Person[];

/** Id of one of {@link PEOPLE}. */
export type StaffId = (typeof PEOPLE)[number]['staffId'];

const ISSUER = 'bauta-demo-directory';
const DAY_MS = 24 * 3600 * 1000;
const LOGIN_MS = 4 * 3600 * 1000;

/** What a reviewer asks for. */
export interface LookRequest {
  readonly trackId: number;
  readonly reason: UnmaskReason;
  readonly reasonText: string;
  readonly windowMinutes: number;
}

/**
 * Who works here and what they say, signed. A stand-in for the app's own server, which would ask for a password and keep
 * its key to itself; here whoever sits at the browser may be anybody, so it shows how things work and guards nothing.
 */
export class Directory {
  readonly #key: DirectoryKey;
  readonly #publicJwk: JsonWebKey;
  /** For its own assertions: what is asked of it is said by somebody who is logged in with it. */
  readonly #nonces = new NonceBook();

  private constructor(key: DirectoryKey, publicJwk: JsonWebKey) {
    this.#key = key;
    this.#publicJwk = publicJwk;
  }

  /** @throws DOMException when the browser gives no storage. */
  static async open(): Promise<Directory> {
    const key = await loadDirectoryKey();
    return new Directory(key, await crypto.subtle.exportKey('jwk', key.publicKey));
  }

  /** The key whose word counts, for `openReview`. */
  get trustedKeys(): TrustedKeyInput[] {
    const { kty = '', crv = '', x = '', y = '' } = this.#publicJwk;
    return [{ keyId: this.#key.keyId, issuer: ISSUER, kinds: ['staff', 'work-order', 'unmask-request', 'unmask-decision'], publicKey: { kty, crv, x, y } }];
  }

  /** `aud` of everything that is signed here. */
  get audience(): string {
    return location.origin;
  }

  /** Says that this person is logged in. @param nonce what the review desk asks to be answered. */
  assert(staffId: string, nonce: string, now = Date.now()): Promise<string> {
    const { roles } = personOf(staffId);
    return signStaffAssertion({ staffId, roles, nonce, validForMs: LOGIN_MS }, this.#signer, now);
  }

  /** A supervisor orders a review. @throws as `issueWorkOrder`. */
  async order(staffId: string, order: WorkOrderContent & { readonly days: number }): Promise<string> {
    const { days, ...content } = order;
    const now = Date.now();
    return (await issueWorkOrder(await this.#loggedIn(staffId, now), { ...content, validForMs: days * DAY_MS }, this.#signer, now)).token;
  }

  /** A reviewer asks to see a face. @throws as `requestUnmask`. */
  async ask(staffId: string, workOrderToken: string, request: LookRequest): Promise<string> {
    const now = Date.now();
    const workOrder = await verifyStatement(workOrderToken, 'work-order', this.#expected, now);
    return (await requestUnmask(await this.#loggedIn(staffId, now), workOrder, request, this.#signer, now)).token;
  }

  /** A second person says yes or no. @throws as `decideUnmask`. */
  async decide(staffId: string, requestToken: string, decision: 'approve' | 'reject'): Promise<string> {
    const now = Date.now();
    const request = await verifyStatement(requestToken, 'unmask-request', this.#expected, now);
    return (await decideUnmask(await this.#loggedIn(staffId, now), request, decision, this.#signer, now)).token;
  }

  get #signer(): ActSigner {
    return { keyId: this.#key.keyId, privateKey: this.#key.privateKey, issuer: ISSUER, audience: this.audience };
  }

  get #expected(): StatementExpectation {
    const { keyId, publicKey } = this.#key;
    return { trustedKeys: [{ keyId, publicKey, issuer: ISSUER, kinds: ['staff', 'work-order', 'unmask-request', 'unmask-decision'] }], audience: this.audience };
  }

  async #loggedIn(staffId: string, now: number): Promise<Statement<'staff'>> {
    const token = await this.assert(staffId, this.#nonces.issue(now), now);
    return verifyAssertion(token, { ...this.#expected, nonces: this.#nonces }, now);
  }
}

function personOf(staffId: string): Person {
  const person = PEOPLE.find((known) => known.staffId === staffId);
  if (person === undefined) throw new TypeError(`Nobody called '${staffId}' works here.`);
  return person;
}
