import { sha256Hex } from '../../core/canonical-json.ts';
import { FacePrivacyError, type ErrorCode } from '../../core/errors.ts';
import type { EpochMs } from '../../core/time.ts';
import { verifyJws } from './jws.ts';
import type { NonceBook } from './nonces.ts';
import { ACCESS_LIMITS, contentOf, faultyClaim, validityOf, type StatementContents, type StatementKind, type StatementPayload } from './statement-content.ts';

const mintKey = Symbol('mint');

/** Type in the header of the token of each kind: none can be taken for another. */
export const STATEMENT_TYPES = Object.freeze({
  staff: 'bauta-staff+jwt',
  'work-order': 'bauta-work-order+jwt',
  'unmask-request': 'bauta-unmask-request+jwt',
  'unmask-decision': 'bauta-unmask-decision+jwt',
}) satisfies Readonly<Record<StatementKind, string>>;

/** A key whose word counts, and for what. */
export interface TrustedKey {
  readonly keyId: string;
  /** `iss` of everything that it signs. */
  readonly issuer: string;
  readonly kinds: readonly StatementKind[];
  /** ECDSA over P-256, its public half. */
  readonly publicKey: CryptoKey;
}

/** What a statement is held against. */
export interface StatementExpectation {
  readonly trustedKeys: readonly TrustedKey[];
  /** `aud` of everything said for this app: its web origin. */
  readonly audience: string;
}

/**
 * Something said by somebody who is trusted, verified. Only {@link verifyStatement} and {@link verifyAssertion} make one;
 * it does not survive being sent to another thread, where it has to be verified again.
 */
export class Statement<K extends StatementKind = StatementKind> {
  readonly #genuine = true;
  readonly kind: K;
  /** Id of the order, request, decision or assertion. */
  readonly id: string;
  readonly issuer: string;
  /** Whoever says it; of an assertion: whoever is logged in. */
  readonly by: string;
  readonly issuedAt: EpochMs;
  readonly validFrom: EpochMs;
  /** From this moment on it does not hold. */
  readonly validUntil: EpochMs;
  readonly content: StatementContents[K];
  /** SHA-256 of the token. */
  readonly hash: string;

  /** @internal */
  constructor(key: typeof mintKey, kind: K, payload: StatementPayload, hash: string) {
    if (key !== mintKey) throw new FacePrivacyError('ERR_STATEMENT_FORGED', 'A Statement comes from verifyStatement(); it cannot be constructed.');
    const { issuedAt, validFrom, validUntil } = validityOf(payload);
    this.kind = kind;
    this.id = payload.jti;
    this.issuer = payload.iss;
    this.by = payload.sub;
    this.issuedAt = issuedAt;
    this.validFrom = validFrom;
    this.validUntil = validUntil;
    this.content = contentOf(kind, payload);
    this.hash = hash;
    Object.freeze(this);
  }

  /** True only for what was verified here; a look-alike has no private field. */
  static isGenuine<K extends StatementKind>(value: unknown, kind: K): value is Statement<K> {
    return typeof value === 'object' && value !== null && #genuine in value && (value as Statement).kind === kind;
  }

  /** True from `validFrom` (or a little earlier: clocks differ) until `validUntil`. */
  static holds({ validFrom, validUntil }: Pick<Statement, 'validFrom' | 'validUntil'>, now: EpochMs): boolean {
    return now >= validFrom - ACCESS_LIMITS.clockSkewMs && now < validUntil;
  }
}

/**
 * Verifies a work order, a request or a decision: a compact JWS (RFC 7515, 7519) of its kind's type, ES256, by a key that
 * is trusted for this kind, for this app, well-formed to the last field, and holding now.
 * @param now by a clock that never goes back.
 * @throws FacePrivacyError ERR_STATEMENT_FORGED, ERR_STATEMENT_INVALID, ERR_STATEMENT_EXPIRED; details `kind`, `field`.
 */
export async function verifyStatement<K extends Exclude<StatementKind, 'staff'>>(token: unknown, kind: K, expected: StatementExpectation, now: EpochMs): Promise<Statement<K>> {
  return mint(token, kind, await verify(token, kind, expected, now));
}

/**
 * Verifies an assertion of who is logged in, as {@link verifyStatement} does; besides, it answers a nonce that was given
 * out here, once.
 * @throws FacePrivacyError as there, and ERR_STATEMENT_REPLAYED.
 */
export async function verifyAssertion(token: unknown, expected: StatementExpectation & { readonly nonces: NonceBook }, now: EpochMs): Promise<Statement<'staff'>> {
  const payload = await verify(token, 'staff', expected, now);
  // Last of all: an attempt that fails for another reason must not use up somebody's nonce.
  if (!expected.nonces.take(payload['nonce'] as string, now)) throw fault('ERR_STATEMENT_REPLAYED', 'staff', 'nonce', 'was not given out here, or was answered already');
  return mint(token, 'staff', payload);
}

async function verify(token: unknown, kind: StatementKind, { trustedKeys, audience }: StatementExpectation, now: EpochMs): Promise<StatementPayload> {
  const verified = await verifyJws(token, STATEMENT_TYPES[kind], trustedKeys.filter(({ kinds }) => kinds.includes(kind)));
  if (verified === 'malformed') throw fault('ERR_STATEMENT_INVALID', kind, 'token', `is no compact JWS of type ${STATEMENT_TYPES[kind]} with ES256`);
  if (verified === 'forged') throw fault('ERR_STATEMENT_FORGED', kind, 'signature', 'is of nobody who is trusted for it');
  const field = faultyClaim(kind, verified.payload);
  if (field !== null) throw fault('ERR_STATEMENT_INVALID', kind, field, 'is missing, malformed or unknown');
  const payload = verified.payload as StatementPayload;
  if (payload.iss !== verified.key.issuer) throw fault('ERR_STATEMENT_FORGED', kind, 'iss', 'is not the issuer whose key this is');
  if (payload.aud !== audience) throw fault('ERR_STATEMENT_INVALID', kind, 'aud', 'is another app');
  const { issuedAt, validFrom, validUntil } = validityOf(payload);
  if (now < Math.max(issuedAt, validFrom) - ACCESS_LIMITS.clockSkewMs) throw fault('ERR_STATEMENT_EXPIRED', kind, now < issuedAt - ACCESS_LIMITS.clockSkewMs ? 'iat' : 'nbf', 'lies in the future');
  if (now >= validUntil) throw fault('ERR_STATEMENT_EXPIRED', kind, 'exp', 'is over');
  return payload;
}

async function mint<K extends StatementKind>(token: unknown, kind: K, payload: StatementPayload): Promise<Statement<K>> {
  return new Statement(mintKey, kind, payload, await sha256Hex(token as string));
}

function fault(code: ErrorCode, kind: StatementKind, field: string, what: string): FacePrivacyError {
  return new FacePrivacyError(code, `${field} of this ${kind} ${what}.`, { details: { kind, field } });
}
