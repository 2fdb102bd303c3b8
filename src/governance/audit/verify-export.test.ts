import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, sha256Hex } from '../../core/canonical-json.ts';
import { createDeviceKey } from '../consent/proof.ts';
import { chainOf, LOG_START, logFixture, type LogFixture } from './audit-fixture.contract.ts';
import type { AuditEntry } from './entry.ts';
import { exportAudit, readHeads } from './export.ts';
import { HEAD_INTERVAL, isHeadDue, signHead, verifyHead } from './head.ts';
import { describeVerdict } from './verdict-lines.ts';
import { MAX_FAULTS, verifyAuditExport, type AuditFaultKind } from './verify-export.ts';

let log: LogFixture;
beforeAll(async () => {
  log = await logFixture(12);
});

const lines = (): string[] => log.text.trimEnd().split('\n');
const textOf = (all: readonly string[]): string => `${all.join('\n')}\n`;
/** Line index of the entry with this number: the opening, then entries, a head after 5 and 10. */
const lineOf = (sequence: number): number => lines().findIndex((line) => line.startsWith('{"entry"') && (JSON.parse(line) as { entry: AuditEntry }).entry.sequence === sequence);
const entryLine = (entry: AuditEntry): string => canonicalJson({ entry });
async function rehashed(entry: AuditEntry, change: Partial<AuditEntry>): Promise<AuditEntry> {
  const { hash: _, ...content } = { ...entry, ...change };
  return { ...content, hash: await sha256Hex(canonicalJson(content)) };
}
const kinds = async (text: string, expected = {}): Promise<AuditFaultKind[]> => {
  const { intact, faults } = await verifyAuditExport(text, expected);
  expect(intact).toBe(faults.length === 0);
  return faults.map(({ kind }) => kind);
};

describe('signed heads [MEG-audit]', () => {
  it('hold for number, hash and time as they were signed, by this key only', async () => {
    const head = await signHead(log.entries[4]!, log.key, 77);
    expect(head).toMatchObject({ sequence: 5, hash: log.entries[4]!.hash, at: 77, keyId: log.key.keyId });
    expect(await verifyHead(head, log.key)).toBe(true);
    const other = await createDeviceKey();
    expect(await verifyHead(head, other)).toBe(false);
    expect(await verifyHead(head, { ...other, keyId: log.key.keyId })).toBe(false);
    for (const change of [{ sequence: 4 }, { at: 78 }, { hash: '0'.repeat(64) }, { algorithm: 'none' as 'ECDSA-P256-SHA256' }, { more: 1 }]) {
      expect(await verifyHead({ ...head, ...change }, log.key), JSON.stringify(change)).toBe(false);
    }
    expect(await verifyHead(await signHead(null, log.key, 1), log.key)).toBe(true);
  });

  it('are due after so many entries or so much time, never without an entry', () => {
    expect(isHeadDue(null, null, 9e9)).toBe(false);
    expect(isHeadDue(null, { sequence: 1 }, 0)).toBe(true);
    expect(isHeadDue({ sequence: 7, at: 0 }, { sequence: 7 }, 9e12)).toBe(false);
    expect(isHeadDue({ sequence: 7, at: 0 }, { sequence: 8 }, HEAD_INTERVAL.timeMs - 1)).toBe(false);
    expect(isHeadDue({ sequence: 7, at: 0 }, { sequence: 8 }, HEAD_INTERVAL.timeMs)).toBe(true);
    expect(isHeadDue({ sequence: 7, at: 0 }, { sequence: 7 + HEAD_INTERVAL.entries }, 1)).toBe(true);
  });
});

describe('an exported audit log, verified offline [MEG-audit]', () => {
  it('is intact as it was written, and says what nobody can know from the file alone', async () => {
    const verdict = await verifyAuditExport(log.text);
    expect(verdict).toMatchObject({ intact: true, faults: [], faultCount: 0, entryCount: 12, headCount: 3, anchoredUntil: 0, keyExpected: false, timeGoesBackAt: [] });
    expect(verdict.span).toEqual([LOG_START, LOG_START + 11_000]);
    const said = describeVerdict(verdict).join('\n');
    expect(said).toMatch(/^INTACT: 12 entries, 3 signed heads/);
    expect(said).toContain('cut off at the end, together with their heads, would not show');
    expect(said).toContain('Nobody named the key from outside');
    const anchored = await verifyAuditExport(log.text, { keyId: log.key.keyId, heads: log.heads });
    expect(anchored).toMatchObject({ intact: true, anchoredUntil: 10, keyExpected: true });
    expect(describeVerdict(anchored).join('\n')).toContain('fit up to entry 10');
  });

  it('may be empty', async () => {
    const { text } = await exportAudit({ entries: [] }, { key: log.key, origin: 'https://app.example', now: 1 });
    expect(await verifyAuditExport(text)).toMatchObject({ intact: true, entryCount: 0, headCount: 1, span: null });
  });

  it.each<[string, (all: string[]) => string[] | Promise<string[]>, AuditFaultKind[]]>([
    ['an edited id', (all) => all.with(lineOf(3), entryLine({ ...log.entries[2]!, ids: { recordId: 'x' } })), ['edited']],
    ['an edited time', (all) => all.with(lineOf(3), entryLine({ ...log.entries[2]!, at: 5 })), ['edited']],
    ['an edited hash', (all) => all.with(lineOf(3), entryLine({ ...log.entries[2]!, hash: 'f'.repeat(64) })), ['edited']],
    ['an edited entry with its hash made new', async (all) => all.with(lineOf(3), entryLine(await rehashed(log.entries[2]!, { at: 5 }))), ['rewritten']],
    ['the last entry edited with its hash made new', async (all) => all.with(lineOf(12), entryLine(await rehashed(log.entries[11]!, { at: 5 }))), ['rewritten']],
    ['everything from an entry on made new', async (all) => {
      const anew = await chainOf(10, log.entries[1], 'forged');
      return all.map((line) => {
        const sequence = line.startsWith('{"entry"') ? (JSON.parse(line) as { entry: AuditEntry }).entry.sequence : 0;
        return sequence > 2 ? entryLine(anew[sequence - 3]!) : line;
      });
    }, ['rewritten', 'rewritten', 'rewritten']],
    ['an entry deleted', (all) => all.toSpliced(lineOf(7), 1), ['deleted']],
    ['the first entries deleted', (all) => all.toSpliced(1, 2), ['deleted']],
    ['an entry inserted twice', (all) => all.toSpliced(lineOf(7), 0, all[lineOf(6)]!), ['inserted']],
    ['a forged entry inserted', async (all) => all.toSpliced(lineOf(7), 0, entryLine(await rehashed(log.entries[6]!, { at: 5 }))), ['rewritten', 'inserted']],
    ['two entries swapped', (all) => all.with(lineOf(6), all[lineOf(7)]!).with(lineOf(7), all[lineOf(6)]!), ['reordered']],
    ['the last entries cut off', (all) => all.toSpliced(lineOf(11), 2), ['truncated']],
    ['the last line cut off', (all) => all.slice(0, -1), ['uncovered']],
    ['all heads removed', (all) => all.filter((line) => !line.startsWith('{"head"')), ['uncovered']],
    ['a head edited', (all) => all.with(-1, all.at(-1)!.replace('"sequence":12', '"sequence":11')), ['uncovered', 'head-forged']],
    ['a line that is no JSON', (all) => all.toSpliced(4, 0, 'nonsense'), ['unreadable']],
    ['spaces in a line', (all) => all.with(lineOf(4), all[lineOf(4)]!.replace('{"entry":', '{ "entry":')), ['unreadable', 'deleted']],
    ['a key twice in a line', (all) => all.with(lineOf(4), all[lineOf(4)]!.replace('"code":', '"code":"x","code":')), ['unreadable', 'deleted']],
    ['an unknown code', async (all) => all.with(lineOf(4), entryLine(await rehashed(log.entries[3]!, { code: 'x' as 'consent.given' }))), ['unreadable', 'deleted']],
    ['a field too many', (all) => all.with(lineOf(4), canonicalJson({ entry: { ...log.entries[3]!, note: 'x' } })), ['unreadable', 'deleted']],
    ['a vector among the ids', async (all) => all.with(lineOf(4), entryLine(await rehashed(log.entries[3]!, { ids: Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`v${i}`, i])) }))), ['unreadable', 'deleted']],
  ])('shows %s', async (_name, spoil, expected) => {
    const found = await kinds(textOf(await spoil(lines())));
    expect(found.sort()).toEqual(expected.sort());
  });

  it('shows a file whose last line was cut', async () => {
    expect(await kinds(log.text.slice(0, -1))).toContain('unreadable');
  });

  it('names line and entry', async () => {
    const { faults } = await verifyAuditExport(textOf(lines().toSpliced(lineOf(7), 2)));
    expect(faults).toEqual([{ kind: 'deleted', line: null, sequences: [7, 8] }]);
    const edited = await verifyAuditExport(textOf(lines().with(lineOf(3), entryLine({ ...log.entries[2]!, at: 5 }))));
    expect(describeVerdict(edited)).toContain('  edited, line 4, entry 3: was edited');
    expect(describeVerdict(edited)[0]).toMatch(/^NOT INTACT: 1 fault/);
  });

  it('cut at an old head it fits itself: only a head from outside shows what is gone, and it says so', async () => {
    const cut = textOf(lines().slice(0, lineOf(5) + 2));
    const alone = await verifyAuditExport(cut);
    expect(alone).toMatchObject({ intact: true, entryCount: 5, anchoredUntil: 0 });
    expect(describeVerdict(alone).join('\n')).toContain('would not show');
    expect(await verifyAuditExport(cut, { heads: [log.head] })).toMatchObject({ intact: false, faults: [{ kind: 'truncated', sequences: [6, 12] }], anchoredUntil: 0 });
  });

  it('made anew with another key, or with the same one, it does not fit a head from outside', async () => {
    const thief = await logFixture(12);
    expect(await kinds(thief.text)).toEqual([]);
    expect(await kinds(thief.text, { keyId: log.key.keyId })).toEqual(['key-unknown']);
    expect(await kinds(thief.text, { heads: [log.head] })).toEqual(['key-unknown']);
    const anew = await chainOf(12, null, 'other');
    const { text } = await exportAudit({ entries: anew }, { key: log.key, origin: 'https://app.example', now: 1 });
    expect(await kinds(text, { keyId: log.key.keyId })).toEqual([]);
    expect(await kinds(text, { heads: [log.head] })).toEqual(['rewritten']);
    expect(await kinds(text, { heads: [{ ...log.head, sequence: 3 }] })).toEqual(['head-forged']);
  });

  it('goes out as it is when the stored log was cut, with the heads that speak of it', async () => {
    const { text } = await exportAudit({ entries: log.entries.slice(0, 6), heads: log.heads }, { key: log.key, origin: 'https://app.example', now: 1 });
    expect((await verifyAuditExport(text)).faults).toEqual([{ kind: 'truncated', line: 9, sequences: [7, 10] }]);
  });

  it('tells where time goes back', async () => {
    const [first] = await chainOf(1);
    const { chainEntry } = await import('./entry.ts');
    const setBack = await chainEntry(first!, 'clock.set-back', { seen: 2, clock: 1 }, LOG_START + 5);
    const after = await chainEntry(setBack, 'consent.given', {}, 1000);
    const { text } = await exportAudit({ entries: [first!, setBack, after] }, { key: log.key, origin: 'https://app.example', now: 1 });
    const verdict = await verifyAuditExport(text);
    expect(verdict).toMatchObject({ intact: true, timeGoesBackAt: [3] });
    expect(describeVerdict(verdict).join('\n')).toContain('Time goes back at entry 3');
  });

  it.each([
    ['', 'export'],
    ['{}', 'export'],
    ['[1]', 'export'],
    ['{"export":"bauta-audit","version":2}', 'version'],
  ])('refuses what is no export: %j', async (text, field) => {
    await expect(verifyAuditExport(text)).rejects.toMatchObject({ code: 'ERR_AUDIT_INVALID', details: { field } });
  });

  it('refuses a public key that is not the one it names, or none at all', async () => {
    const thief = await createDeviceKey();
    const opening = lines()[0]!;
    await expect(verifyAuditExport(log.text.replace(log.key.keyId, thief.keyId))).rejects.toMatchObject({ details: { field: 'keyId' } });
    const noPoint = opening.replace(/"x":"[^"]*"/, `"x":"${'A'.repeat(43)}"`);
    await expect(verifyAuditExport(textOf(lines().with(0, noPoint)))).rejects.toMatchObject({ details: { field: 'public_key' } });
    const elsewhere = opening.replace('app.example', 'sop.example');
    await expect(verifyAuditExport(textOf(lines().with(0, elsewhere)))).rejects.toMatchObject({ details: { field: 'signature' } });
    await expect(verifyAuditExport(1 as unknown as string)).rejects.toThrow(TypeError);
  });

  it('lists no more faults than anybody reads, and counts them all', async () => {
    const long = await logFixture(300);
    const edited = long.text.replaceAll('"count":', '"Count":');
    const verdict = await verifyAuditExport(edited);
    expect(verdict.faults).toHaveLength(MAX_FAULTS);
    expect(verdict.faultCount).toBe(300);
    expect(describeVerdict(verdict).join('\n')).toContain('and 200 more');
  });

  it('any change of any one character shows (property, seed 6)', async () => {
    const anchor = { keyId: log.key.keyId, heads: [log.head] };
    await fc.assert(
      fc.asyncProperty(fc.nat(log.text.length - 1), fc.constantFrom('0', 'a', 'Z', ' ', '\n', '"', '}', ''), async (at, put) => {
        fc.pre(log.text[at] !== put);
        const changed = log.text.slice(0, at) + put + log.text.slice(at + 1);
        const verdict = await verifyAuditExport(changed, anchor).catch((error: unknown) => error);
        expect(verdict).not.toMatchObject({ intact: true });
      }),
      { seed: 6, numRuns: 300 },
    );
  });

  it('any entries left out, doubled or shuffled show (property, seed 7)', async () => {
    const all = lines();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(11), { maxLength: 16 }), async (chosen) => {
        const body = chosen.map((index) => entryLine(log.entries[index]!));
        const whole = chosen.length === 12 && chosen.every((index, at) => index === at);
        const { intact } = await verifyAuditExport(textOf([all[0]!, ...body, all.at(-1)!]));
        expect(intact).toBe(whole);
      }),
      { seed: 7, numRuns: 200 },
    );
    expect(await kinds(textOf([all[0]!, ...log.entries.map(entryLine), all.at(-1)!]))).toEqual([]);
  });
});

describe('heads that somebody kept [MEG-audit]', () => {
  it('are read from an export or from a single head, and from nothing else', () => {
    expect(readHeads(log.text)).toEqual([...log.heads, log.head]);
    expect(readHeads(JSON.stringify(log.head, null, 2))).toEqual([log.head]);
    expect(() => readHeads('nothing')).toThrow(expect.objectContaining({ code: 'ERR_AUDIT_INVALID' }));
  });
});
