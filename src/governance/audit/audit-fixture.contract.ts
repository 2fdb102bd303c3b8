import { createDeviceKey } from '../consent/proof.ts';
import type { DeviceKey } from '../consent/store.ts';
import { AUDIT_CODES, chainEntry, type AuditEntry } from './entry.ts';
import { exportAudit } from './export.ts';
import { signHead, type SignedHead } from './head.ts';

/** An intact log, its heads and its export. */
export interface LogFixture {
  readonly key: DeviceKey;
  readonly entries: readonly AuditEntry[];
  /** Signed after every fifth entry. */
  readonly heads: readonly SignedHead[];
  readonly text: string;
  /** The head that was signed for the export. */
  readonly head: SignedHead;
}

export const LOG_START = Date.UTC(2026, 10, 1);

/** Entries that follow each other a second apart. */
export async function chainOf(length: number, after: AuditEntry | null = null, mark = 'r'): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (let index = 0; index < length; index += 1) {
    const code = AUDIT_CODES[index % AUDIT_CODES.length]!;
    entries.push(await chainEntry(entries.at(-1) ?? after, code, { recordId: `${mark}${index}`, count: index }, LOG_START + index * 1000));
  }
  return entries;
}

/** A log of `length` entries, exported. */
export async function logFixture(length: number, key?: DeviceKey): Promise<LogFixture> {
  const by = key ?? (await createDeviceKey());
  const entries = await chainOf(length);
  const heads = await Promise.all(entries.filter(({ sequence }) => sequence % 5 === 0).map((entry) => signHead(entry, by, entry.at)));
  const { text, head } = await exportAudit({ entries, heads }, { key: by, origin: 'https://app.example', now: LOG_START + 3_600_000 });
  return { key: by, entries, heads, text, head };
}
