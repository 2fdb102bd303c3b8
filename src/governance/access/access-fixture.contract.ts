import { createDeviceKey } from '../consent/proof.ts';
import type { DeviceKey } from '../consent/store.ts';
import type { UnmaskFacts, UnmaskTime } from './judge-unmask.ts';
import { signJws } from './jws.ts';
import { NonceBook } from './nonces.ts';
import type { Role } from './roles.ts';
import { decideUnmask, issueWorkOrder, requestUnmask, type ActSigner } from './staff-acts.ts';
import { STATEMENT_TYPES, verifyAssertion, verifyStatement, type Statement, type TrustedKey } from './statement.ts';
import type { StatementKind } from './statement-content.ts';

export const ACCESS_NOW = Date.UTC(2026, 10, 22, 9);
export const AUDIENCE = 'https://review.example';
const DIRECTORY = 'https://directory.example';

/** A directory of staff, a device, and what is said by them. */
export class AccessFixture {
  readonly nonces = new NonceBook();
  readonly directory: DeviceKey;
  readonly device: DeviceKey;

  constructor(directory: DeviceKey, device: DeviceKey) {
    this.directory = directory;
    this.device = device;
  }

  static async make(): Promise<AccessFixture> {
    return new AccessFixture(await createDeviceKey(), await createDeviceKey());
  }

  get trustedKeys(): TrustedKey[] {
    return [
      { ...this.directory, issuer: DIRECTORY, kinds: ['staff', 'work-order'] },
      { ...this.device, issuer: 'device', kinds: ['work-order', 'unmask-request', 'unmask-decision'] },
    ];
  }

  get signer(): ActSigner {
    return { ...this.device, issuer: 'device', audience: AUDIENCE };
  }

  get expected() {
    return { trustedKeys: this.trustedKeys, audience: AUDIENCE, nonces: this.nonces };
  }

  /** Claims of somebody who logs in for four hours. */
  claims(staffId: string, roles: readonly Role[], now = ACCESS_NOW): Record<string, unknown> {
    const iat = Math.floor(now / 1000);
    return { iss: DIRECTORY, aud: AUDIENCE, sub: staffId, jti: crypto.randomUUID(), iat, exp: iat + 4 * 3600, roles, nonce: this.nonces.issue(now) };
  }

  assertion(claims: Record<string, unknown>, key: DeviceKey = this.directory, kind: StatementKind = 'staff'): Promise<string> {
    return signJws(STATEMENT_TYPES[kind], claims, key);
  }

  async login(staffId: string, roles: readonly Role[], now = ACCESS_NOW): Promise<Statement<'staff'>> {
    return verifyAssertion(await this.assertion(this.claims(staffId, roles, now)), this.expected, now);
  }

  verify<K extends Exclude<StatementKind, 'staff'>>(token: string, kind: K, now = ACCESS_NOW): Promise<Statement<K>> {
    return verifyStatement(token, kind, this.expected, now);
  }

  async order(by: Statement<'staff'>, change: Partial<Parameters<typeof issueWorkOrder>[1]> = {}, now = ACCESS_NOW): Promise<Statement<'work-order'>> {
    const order = { recordingId: 'rec-1', trackIds: [3], assignedTo: ['rita'], maxUnmasks: 2, validForMs: 8 * 3_600_000, ...change };
    return this.verify((await issueWorkOrder(by, order, this.signer, now)).token, 'work-order', now);
  }

  async request(by: Statement<'staff'>, order: Statement<'work-order'>, change: Partial<Parameters<typeof requestUnmask>[2]> = {}, now = ACCESS_NOW): Promise<Statement<'unmask-request'>> {
    const asked = { trackId: 3, reason: 'complaint', reasonText: 'who signed for the parcel', windowMinutes: 10, ...change } as const;
    return this.verify((await requestUnmask(by, order, asked, this.signer, now)).token, 'unmask-request', now);
  }

  async decide(by: Statement<'staff'>, request: Statement<'unmask-request'>, decision: 'approve' | 'reject' = 'approve', now = ACCESS_NOW): Promise<Statement<'unmask-decision'>> {
    return this.verify((await decideUnmask(by, request, decision, this.signer, now)).token, 'unmask-decision', now);
  }
}

/** Everything that an unmask needs: reviewer rita, orders by sam, approval by sue. */
export async function completeFacts(fixture: AccessFixture): Promise<UnmaskFacts> {
  const staff = await fixture.login('rita', ['reviewer']);
  const workOrder = await fixture.order(await fixture.login('sam', ['supervisor']));
  const request = await fixture.request(staff, workOrder);
  const decision = await fixture.decide(await fixture.login('sue', ['supervisor']), request);
  return { staff, workOrder, request, decisions: [decision], recordingId: 'rec-1', trackId: 3, ended: [], uses: [], consent: 'stands', item: 'kept', approvalsNeeded: 1 };
}

/** A clock that is right. */
export function at(now: number): UnmaskTime {
  return { clock: now, highWater: now };
}
