import { Buffer } from 'node:buffer';
import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDeviceKey } from '../consent/proof.ts';
import { ACCESS_NOW, AccessFixture, AUDIENCE } from './access-fixture.contract.ts';
import { signJws } from './jws.ts';
import { NONCE_LIFETIME_MS, NonceBook } from './nonces.ts';
import { issueWorkOrder } from './staff-acts.ts';
import { Statement, STATEMENT_TYPES, verifyAssertion, verifyStatement } from './statement.ts';
import { ACCESS_LIMITS } from './statement-content.ts';

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await AccessFixture.make();
});

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const rita = (change: Record<string, unknown> = {}): Record<string, unknown> => ({ ...fixture.claims('rita', ['reviewer']), ...change });
const verify = (token: unknown, now = ACCESS_NOW): Promise<Statement<'staff'>> => verifyAssertion(token, fixture.expected, now);
const refusal = (work: Promise<unknown>): Promise<{ code: string; details: object }> => work.then(() => expect.unreachable('was taken'), (error: unknown) => error as { code: string; details: object });

describe('an assertion of who is logged in [TAF-5.3b, MEG-audit]', () => {
  it('by the directory, for this app, answering a nonce, says who it is, in which roles and until when', async () => {
    const statement = await verify(await fixture.assertion(rita()));
    expect(statement).toMatchObject({ kind: 'staff', by: 'rita', issuer: 'https://directory.example', content: { staffId: 'rita', roles: ['reviewer'] }, validUntil: ACCESS_NOW + 4 * 3_600_000 });
    expect(Statement.isGenuine(statement, 'staff')).toBe(true);
    expect(Object.keys(statement.content)).toEqual(['staffId', 'roles']);
    expect(() => { (statement.content.roles as string[]).push('supervisor'); }).toThrow(TypeError);
  });

  it('is one that another implementation signs as well', async () => {
    const input = `${part({ alg: 'ES256', kid: fixture.directory.keyId, typ: 'bauta-staff+jwt' })}.${part(rita())}`;
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, fixture.directory.privateKey, Buffer.from(input));
    expect((await verify(`${input}.${Buffer.from(signature).toString('base64url')}`)).by).toBe('rita');
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['for another app', { aud: 'https://other.example' }, 'aud'],
    ['for several apps', { aud: [AUDIENCE] }, 'aud'],
    ['without a person', { sub: undefined }, 'sub'],
    ['of a name with spaces', { sub: 'Rita R' }, 'sub'],
    ['of a letter that looks like another', { sub: 'r\u0456ta' }, 'sub'],
    ['without roles', { roles: [] }, 'roles'],
    ['of an unknown role', { roles: ['root'] }, 'roles'],
    ['of roles that do not go together', { roles: ['reviewer', 'auditor'] }, 'roles'],
    ['of a role that is no list', { roles: 'reviewer' }, 'roles'],
    ['without a nonce', { nonce: undefined }, 'nonce'],
    ['without an id', { jti: undefined }, 'jti'],
    ['without an end', { exp: undefined }, 'exp'],
    ['with an end in milliseconds', { exp: ACCESS_NOW + 1 }, 'exp'],
    ['that holds for longer than half a day', { exp: ACCESS_NOW / 1000 + ACCESS_LIMITS.lifetimeMs.staff / 1000 + 1 }, 'exp'],
    ['that ends before it begins', { exp: ACCESS_NOW / 1000 - 10, iat: ACCESS_NOW / 1000 }, 'exp'],
    ['with a beginning after its end', { nbf: ACCESS_NOW / 1000 + 5 * 3600 }, 'nbf'],
    ['with a name', { name: 'Rita Rossi' }, 'name'],
  ])('%s is malformed', async (_name, change, field) => {
    const claims = Object.fromEntries(Object.entries(rita(change)).filter(([, value]) => value !== undefined));
    expect(await refusal(fixture.assertion(claims).then(verify))).toMatchObject({ code: 'ERR_STATEMENT_INVALID', details: { kind: 'staff', field } });
  });

  it('is forged when its key is not trusted, not for this, or not of its issuer', async () => {
    const thief = await createDeviceKey();
    const forged = { code: 'ERR_STATEMENT_FORGED', details: { kind: 'staff' } };
    expect(await refusal(fixture.assertion(rita(), thief).then(verify))).toMatchObject(forged);
    expect(await refusal(fixture.assertion(rita(), { ...thief, keyId: fixture.directory.keyId }).then(verify))).toMatchObject(forged);
    expect(await refusal(fixture.assertion(rita({ iss: 'device' }), fixture.device).then(verify))).toMatchObject(forged);
    expect(await refusal(fixture.assertion(rita({ iss: 'https://elsewhere.example' })).then(verify))).toMatchObject({ ...forged, details: { field: 'iss' } });
  });

  it('leaves nobody a choice of algorithm', async () => {
    const { keyId, publicKey } = fixture.directory;
    const spki = Buffer.from(await crypto.subtle.exportKey('spki', publicKey));
    const payload = part(rita());
    const signed = (await fixture.assertion(rita())).split('.');
    const hmac = (header: object): string => {
      const input = `${part(header)}.${payload}`;
      return `${input}.${createHmac('sha256', spki).update(input).digest('base64url')}`;
    };
    const jwk = await crypto.subtle.exportKey('jwk', publicKey);
    for (const token of [
      `${part({ alg: 'none', kid: keyId, typ: 'bauta-staff+jwt' })}.${payload}.`,
      `${part({ alg: 'ES256', kid: keyId, typ: 'bauta-staff+jwt' })}.${payload}.`,
      hmac({ alg: 'HS256', kid: keyId, typ: 'bauta-staff+jwt' }),
      hmac({ alg: 'ES256', kid: keyId, typ: 'bauta-staff+jwt' }),
      ...[{ jwk }, { jku: 'https://thief.example/keys' }, { x5c: ['a'] }, { crit: ['b64'], b64: false }].map((more) => [part({ alg: 'ES256', kid: keyId, typ: 'bauta-staff+jwt', ...more }), signed[1], signed[2]].join('.')),
      `${part({ alg: 'ES256', typ: 'bauta-staff+jwt' })}.${payload}.${signed[2]}`,
      `${signed[0]}.${payload}.${'A'.repeat(86)}`,
    ]) {
      expect((await refusal(verify(token))).code, token).toMatch(/^ERR_STATEMENT_(INVALID|FORGED)$/);
    }
  });

  it('that names another algorithm or type is not taken, even when the right key signed it so', async () => {
    for (const change of [{ alg: 'ES384' }, { alg: 'none' }, { typ: 'JWT' }, { extra: 1 }]) {
      const input = `${part({ alg: 'ES256', kid: fixture.directory.keyId, typ: 'bauta-staff+jwt', ...change })}.${part(rita())}`;
      const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, fixture.directory.privateKey, Buffer.from(input));
      expect((await refusal(verify(`${input}.${Buffer.from(signature).toString('base64url')}`))).code, JSON.stringify(change)).toBe('ERR_STATEMENT_INVALID');
    }
  });

  it('cannot be verified by a secret or by a key of another kind', async () => {
    const claims = rita();
    const token = await fixture.assertion(claims);
    const hmacKey = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
    const other = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, false, ['sign', 'verify']);
    for (const publicKey of [hmacKey, other.publicKey, fixture.directory.privateKey]) {
      const trustedKeys = [{ keyId: fixture.directory.keyId, issuer: 'https://directory.example', kinds: ['staff'] as const, publicKey }];
      expect(await refusal(verifyAssertion(token, { ...fixture.expected, trustedKeys }, ACCESS_NOW))).toMatchObject({ code: 'ERR_STATEMENT_FORGED' });
    }
  });

  it('of any other form is no assertion', async () => {
    const token = await fixture.assertion(rita());
    const [header = '', payload = '', signature = ''] = token.split('.');
    for (const bad of [null, undefined, 1, {}, '', 'a', '..', `${token}.`, `${token}.x`, ` ${token}`, `${token}=`, `${header}.${payload}.${signature.slice(1)}`, `${header}.${payload}=.${signature}`, `${header}.${part([1])}.${signature}`, `${header}.${Buffer.from([0xff, 0xfe]).toString('base64url')}.${signature}`, 'x'.repeat(9000)]) {
      expect((await refusal(verify(bad))).code, JSON.stringify(bad)).toBe('ERR_STATEMENT_INVALID');
    }
  });

  it('does not survive a change of any single character', async () => {
    const token = await fixture.assertion(rita());
    for (let index = 0; index < token.length; index += 1) {
      const changed = token.slice(0, index) + (token[index] === 'A' ? 'B' : 'A') + token.slice(index + 1);
      expect((await refusal(verify(changed))).code, String(index)).toMatch(/^ERR_STATEMENT_(INVALID|FORGED)$/);
    }
    expect((await verify(token)).by).toBe('rita');
  });

  it('holds from the moment it says (clocks may differ by a minute) until its end, not a moment longer', async () => {
    const { clockSkewMs } = ACCESS_LIMITS;
    const claims = rita();
    const end = (claims['exp'] as number) * 1000;
    const issue = (): Promise<string> => fixture.assertion({ ...claims, nonce: fixture.nonces.issue(end) });
    expect(await refusal(verify(await issue(), ACCESS_NOW - clockSkewMs - 1))).toMatchObject({ code: 'ERR_STATEMENT_EXPIRED', details: { field: 'iat' } });
    expect(await verify(await issue(), ACCESS_NOW - clockSkewMs)).toBeInstanceOf(Statement);
    expect(await verify(await issue(), end - 1)).toBeInstanceOf(Statement);
    expect(await refusal(verify(await issue(), end))).toMatchObject({ code: 'ERR_STATEMENT_EXPIRED', details: { field: 'exp' } });
    const later = await fixture.assertion({ ...rita(), nbf: ACCESS_NOW / 1000 + 600 });
    expect(await refusal(verify(later))).toMatchObject({ code: 'ERR_STATEMENT_EXPIRED', details: { field: 'nbf' } });
  });

  it('is taken once: played again, answering nothing, or too late, it is refused', async () => {
    const token = await fixture.assertion(rita());
    const replayed = { code: 'ERR_STATEMENT_REPLAYED', details: { kind: 'staff', field: 'nonce' } };
    await verify(token);
    expect(await refusal(verify(token))).toMatchObject(replayed);
    expect(await refusal(fixture.assertion(rita({ nonce: 'n'.repeat(32) })).then(verify))).toMatchObject(replayed);
    const late = await fixture.assertion(rita());
    expect(await refusal(verify(late, ACCESS_NOW + NONCE_LIFETIME_MS))).toMatchObject(replayed);
  });

  it('that fails for another reason does not use up the nonce of the real one', async () => {
    const claims = rita();
    const thief = await createDeviceKey();
    await refusal(fixture.assertion(claims, { ...thief, keyId: fixture.directory.keyId }).then(verify));
    expect((await verify(await fixture.assertion(claims))).by).toBe('rita');
  });

  it('is not made of a look-alike', () => {
    expect(() => new Statement(Symbol('mint') as never, 'staff', {} as never, '')).toThrow(expect.objectContaining({ code: 'ERR_STATEMENT_FORGED' }));
    expect(Statement.isGenuine({ kind: 'staff' }, 'staff')).toBe(false);
    expect(Statement.isGenuine(Object.create(Statement.prototype), 'staff')).toBe(false);
  });
});

describe('nonces [MEG-audit]', () => {
  it('are different, and the oldest goes when too many are open', () => {
    const book = new NonceBook();
    const all = Array.from({ length: 101 }, () => book.issue(0));
    expect(new Set(all).size).toBe(101);
    expect(book.take(all[0]!, 1)).toBe(false);
    expect(book.take(all[100]!, 1)).toBe(true);
    expect(book.take(all[100]!, 1)).toBe(false);
  });
});

describe('work orders, requests and decisions [TAF-5.3b]', () => {
  it('cannot be taken for each other, nor an assertion for any', async () => {
    const sam = await fixture.login('sam', ['supervisor']);
    const { token } = await issueWorkOrder(sam, { recordingId: 'rec-1', trackIds: [1], assignedTo: ['rita'], maxUnmasks: 1, validForMs: 3_600_000 }, fixture.signer, ACCESS_NOW);
    expect(await verifyStatement(token, 'work-order', fixture.expected, ACCESS_NOW)).toMatchObject({ by: 'sam', content: { recordingId: 'rec-1', trackIds: [1] } });
    for (const kind of ['unmask-request', 'unmask-decision'] as const) {
      expect((await refusal(verifyStatement(token, kind, fixture.expected, ACCESS_NOW))).code).toBe('ERR_STATEMENT_INVALID');
    }
    expect((await refusal(verify(token))).code).toBe('ERR_STATEMENT_INVALID');
  });

  it('count by the keys that may say such things: the device is no directory, the directory approves nothing', async () => {
    expect((await refusal(fixture.assertion(rita({ iss: 'device' }), fixture.device).then(verify))).code).toBe('ERR_STATEMENT_FORGED');
    const decision = { iss: 'https://directory.example', aud: AUDIENCE, sub: 'sue', jti: 'd-1', iat: ACCESS_NOW / 1000, exp: ACCESS_NOW / 1000 + 60, requestId: 'r-1', requestHash: '0'.repeat(64), decision: 'approve', roles: ['supervisor'] };
    const token = await signJws(STATEMENT_TYPES['unmask-decision'], decision, fixture.directory);
    expect((await refusal(verifyStatement(token, 'unmask-decision', fixture.expected, ACCESS_NOW))).code).toBe('ERR_STATEMENT_FORGED');
  });

  it('may come from the app as well as from this device', async () => {
    const order = { iss: 'https://directory.example', aud: AUDIENCE, sub: 'crm:8812', jti: 'wo-1', iat: ACCESS_NOW / 1000, exp: ACCESS_NOW / 1000 + 86_400, recordingId: 'rec-1', trackIds: [], assignedTo: ['rita'], maxUnmasks: 0 };
    const statement = await verifyStatement(await signJws(STATEMENT_TYPES['work-order'], order, fixture.directory), 'work-order', fixture.expected, ACCESS_NOW);
    expect(statement).toMatchObject({ id: 'wo-1', by: 'crm:8812' });
    const expired = verifyStatement(await signJws(STATEMENT_TYPES['work-order'], order, fixture.directory), 'work-order', fixture.expected, ACCESS_NOW + 86_400_000);
    expect(await refusal(expired)).toMatchObject({ code: 'ERR_STATEMENT_EXPIRED', details: { kind: 'work-order', field: 'exp' } });
  });
});
