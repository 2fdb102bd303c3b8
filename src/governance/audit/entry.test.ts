import { describe, expect, it } from 'vitest';
import { AUDIT_ROOT, chainEntry, verifyChain, type AuditCode, type AuditEntry } from './entry.ts';

async function log(...codes: AuditCode[]): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (const [index, code] of codes.entries()) entries.push(await chainEntry(entries.at(-1) ?? null, code, { recordId: `r${index}` }, 1000 + index));
  return entries;
}

describe('the audit chain [MEG-audit]', () => {
  it('starts at the root, counts without gaps, and is whole', async () => {
    const entries = await log('consent.requested', 'consent.given', 'camera.opened');
    expect(entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(entries[0]?.previousHash).toBe(AUDIT_ROOT);
    expect(await verifyChain(entries)).toEqual({ intact: true, length: 3 });
    expect(await verifyChain([])).toEqual({ intact: true, length: 0 });
  });

  it.each<[string, (entries: AuditEntry[]) => AuditEntry[], number, keyof AuditEntry]>([
    ['an edited id', ([a, b, c]) => [a!, { ...b!, ids: { recordId: 'x' } }, c!], 1, 'hash'],
    ['an edited time', ([a, b, c]) => [a!, b!, { ...c!, at: 1 }], 2, 'hash'],
    ['an edited code', ([a, b, c]) => [{ ...a!, code: 'consent.refused' }, b!, c!], 0, 'hash'],
    ['an unknown code', ([a, b, c]) => [{ ...a!, code: 'consent.invented' as AuditCode }, b!, c!], 0, 'code'],
    ['an entry cut out', ([a, , c]) => [a!, c!], 1, 'sequence'],
    ['entries cut off in front', ([, b, c]) => [b!, c!], 0, 'sequence'],
    ['two entries swapped', ([a, b, c]) => [a!, c!, b!], 1, 'sequence'],
    ['an entry from another log', ([a, b, c]) => [a!, { ...b!, previousHash: 'f'.repeat(64) }, c!], 1, 'previousHash'],
  ])('shows %s', async (_name, spoil, index, field) => {
    const entries = await log('consent.requested', 'consent.given', 'camera.opened');
    expect(await verifyChain(spoil(entries))).toEqual({ intact: false, index, field });
  });

  it('cannot show what was cut off at the end: that is what the length is for', async () => {
    const entries = await log('consent.requested', 'consent.given', 'camera.opened');
    expect(await verifyChain(entries.slice(0, 2))).toEqual({ intact: true, length: 2 });
  });

  it('takes closed codes and short ids only: no text, no picture, no vector', async () => {
    await expect(chainEntry(null, 'hello' as AuditCode, {}, 1)).rejects.toThrow(/audit code must be one of/);
    await expect(chainEntry(null, 'consent.given', { note: 'x'.repeat(201) }, 1)).rejects.toThrow(/ids\.note must be/);
    await expect(chainEntry(null, 'consent.given', { score: Number.NaN }, 1)).rejects.toThrow(/ids\.score must be/);
    await expect(chainEntry(null, 'consent.given', { vector: [1, 2] as unknown as string }, 1)).rejects.toThrow(/ids\.vector must be/);
  });
});
