import type { FacePrivacyError } from '../core/errors.ts';
import type { IncidentKind, Observation } from './incidents.ts';

/** Which failures are observations, and the detail that says what they are about. */
const OBSERVED: Readonly<Partial<Record<FacePrivacyError['code'], readonly [IncidentKind, ...details: string[]]>>> = {
  ERR_EGRESS_BLOCKED: ['egress-attempted', 'attempt'],
  ERR_ASSET_INTEGRITY: ['integrity-failed', 'file'],
  ERR_VAULT_INTEGRITY: ['integrity-failed', 'recordingId', 'templateId', 'field'],
  ERR_CONSENT_RECORD_INVALID: ['integrity-failed', 'field'],
  ERR_MANIFEST_INVALID: ['integrity-failed', 'field'],
  ERR_CONSENT_FORGED: ['forgery-attempted', 'operation'],
  ERR_STATEMENT_FORGED: ['forgery-attempted', 'keyId', 'field'],
  ERR_STATEMENT_REPLAYED: ['forgery-attempted', 'field'],
};

/** What a failure is an observation of, or null for one that is nobody's fault. */
export function observationOf({ code, details }: FacePrivacyError): Observation | null {
  if (code === 'ERR_STORAGE_FAILED') return details['reason'] === 'lost' ? { kind: 'storage-lost', about: String(details['field'] ?? 'store') } : null;
  const [kind, ...named] = OBSERVED[code] ?? [];
  if (kind === undefined) return null;
  const about = named.map((name) => details[name]).find((value) => typeof value === 'string' && value !== '');
  return { kind, about: String(about ?? code).slice(0, 200) };
}
