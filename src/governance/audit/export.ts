import { canonicalJson } from '../../core/canonical-json.ts';
import { FacePrivacyError } from '../../core/errors.ts';
import { isObject } from '../../core/options.ts';
import { signJson } from '../../core/signing.ts';
import type { EpochMs } from '../../core/time.ts';
import { exportPublicKey } from '../consent/proof.ts';
import type { ReceiptKey } from '../consent/receipt.ts';
import type { DeviceKey } from '../consent/store.ts';
import { contentText, faultyField, isDigest, type AuditEntry } from './entry.ts';
import { isHead, signHead, type SignedHead } from './head.ts';

/** First line of an export: whose log it is. */
export interface AuditExportOpening {
  readonly export: 'bauta-audit';
  readonly version: 1;
  readonly exportedAt: EpochMs;
  /** Web origin of the browser that kept the log. */
  readonly origin: string;
  readonly keyId: string;
  readonly public_key: ReceiptKey;
  /** Of the canonical JSON of the fields above, by that key. */
  readonly signature: string;
}

/**
 * Writes a log for people outside the browser: one line of canonical JSON (RFC 8785) each for the opening, every entry
 * (`{"entry":…}`) and every signed head (`{"head":…}`), the last of which is signed now. What is wrong with the log goes
 * out with it, for {@link verifyAuditExport} to find.
 * @param log `entries` as they are stored, in order; `heads` signed so far.
 */
export async function exportAudit(
  log: { readonly entries: readonly AuditEntry[]; readonly heads?: readonly SignedHead[] },
  by: { readonly key: DeviceKey; readonly origin: string; readonly now: EpochMs },
): Promise<{ readonly text: string; readonly head: SignedHead }> {
  const { x = '', y = '' } = await exportPublicKey(by.key.publicKey);
  const { keyId } = by.key;
  const content = { export: 'bauta-audit', version: 1, exportedAt: by.now, origin: by.origin, keyId, public_key: { kty: 'EC', crv: 'P-256', x, y } } as const;
  const opening: AuditExportOpening = { ...content, signature: await signJson(content, by.key.privateKey) };
  const head = await signHead(log.entries.at(-1) ?? null, by.key, by.now);
  const heads = [...(log.heads ?? [])].sort((a, b) => a.sequence - b.sequence);
  const lines = [canonicalJson(opening)];
  for (const entry of log.entries) {
    lines.push(canonicalJson({ entry }));
    while (heads[0] !== undefined && heads[0].sequence <= entry.sequence) lines.push(canonicalJson({ head: heads.shift() }));
  }
  // What speaks of entries that are not there any more is what matters most.
  for (const left of heads) lines.push(canonicalJson({ head: left }));
  lines.push(canonicalJson({ head }));
  return { text: `${lines.join('\n')}\n`, head };
}

/** A line of an export after the opening. */
export type AuditLine =
  | { readonly line: number; readonly kind: 'entry'; readonly entry: AuditEntry; readonly content: string }
  | { readonly line: number; readonly kind: 'head'; readonly head: SignedHead }
  | { readonly line: number; readonly kind: 'unreadable'; readonly field?: string };

/** Reads the opening of an export. @throws FacePrivacyError ERR_AUDIT_INVALID with `details.field`. */
export function readOpening(line: string): AuditExportOpening {
  const value = parse(line);
  const wrong = (field: string): FacePrivacyError => new FacePrivacyError('ERR_AUDIT_INVALID', `This is no audit export: ${field} is missing or malformed.`, { details: { field } });
  if (!isObject(value) || value['export'] !== 'bauta-audit') throw wrong('export');
  if (value['version'] !== 1) throw wrong('version');
  if (!Number.isSafeInteger(value['exportedAt'])) throw wrong('exportedAt');
  if (typeof value['origin'] !== 'string') throw wrong('origin');
  if (!isDigest(value['keyId'])) throw wrong('keyId');
  if (!isObject(value['public_key'])) throw wrong('public_key');
  if (typeof value['signature'] !== 'string') throw wrong('signature');
  if (canonicalJson(value) !== line) throw wrong('first line');
  return value as unknown as AuditExportOpening;
}

/**
 * Reads a later line: to the last byte what {@link exportAudit} writes, or unreadable. `content` is what the hash of an
 * entry is made of.
 * @param line its number, from 1.
 */
export function readLine(text: string, line: number): AuditLine {
  const value = parse(text);
  if (!isObject(value) || Object.keys(value).length !== 1) return { line, kind: 'unreadable' };
  const { entry, head } = value;
  if (isHead(head) && canonicalJson(value) === text) return { line, kind: 'head', head };
  if (entry === undefined) return { line, kind: 'unreadable' };
  const field = faultyField(entry);
  if (field !== null) return { line, kind: 'unreadable', field };
  const read = entry as AuditEntry;
  const content = contentText(read);
  // The line is the content with the hash at its place by the alphabet, after the code, which is one of a closed list.
  const ids = content.indexOf(',"ids":');
  const same = text === `{"entry":${content.slice(0, ids)},"hash":"${read.hash}"${content.slice(ids)}}`;
  return same ? { line, kind: 'entry', entry: read, content } : { line, kind: 'unreadable' };
}

/**
 * The heads in a text that somebody kept: an earlier export, or a single head as JSON.
 * @throws FacePrivacyError ERR_AUDIT_INVALID when it holds none.
 */
export function readHeads(text: string): SignedHead[] {
  const single = parse(text.trim());
  if (isHead(single)) return [single];
  const heads = text.split('\n').flatMap((line, index) => {
    const read = line === '' ? null : readLine(line, index + 1);
    return read?.kind === 'head' ? [read.head] : [];
  });
  if (heads.length === 0) throw new FacePrivacyError('ERR_AUDIT_INVALID', 'There is no signed head in this text.', { details: { field: 'head' } });
  return heads;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
