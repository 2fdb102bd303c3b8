import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHistory } from './history.ts';
import { createDeviceKey, signRecord } from './proof.ts';
import { recordFixture } from './record-fixture.contract.ts';
import { parseRecord, RECORD_FIELDS, type ConsentRecord } from './record.ts';

const key = await createDeviceKey();

async function chain(...overrides: Partial<ConsentRecord>[]): Promise<ConsentRecord[]> {
  const records: ConsentRecord[] = [];
  for (const over of overrides) {
    const { proof: _, ...unsigned } = recordFixture({ replaces: records.at(-1)?.recordId ?? null, ...over });
    records.push(await signRecord(unsigned, key));
  }
  return records;
}

const read = (rows: readonly unknown[], lastRecordId: string | null): Promise<ConsentRecord[]> => readHistory({ rows, lastRecordId }, 'subject-1', key);
const fault = (field: string) => ({ code: 'ERR_CONSENT_RECORD_INVALID', details: { field } });

describe('records of one person', () => {
  it('come in the order in which they were made, however they lie in the store', async () => {
    const records = await chain({}, { state: 'withdrawn', answers: {}, ageBand: null }, {});
    const last = records[2]!.recordId;
    expect(await read([records[2], records[0], records[1]], last)).toEqual(records);
    expect(await read([], null)).toEqual([]);
  });

  it('none counts when one is missing, doubled, forked, or not the last that the log knows', async () => {
    const records = await chain({}, {}, {});
    const [first, second, third] = records as [ConsentRecord, ConsentRecord, ConsentRecord];
    await expect(read([first, third], third.recordId)).rejects.toMatchObject(fault('replaces'));
    await expect(read([second, third], third.recordId)).rejects.toMatchObject(fault('replaces'));
    await expect(read([first, second, third, third], third.recordId)).rejects.toMatchObject(fault('replaces'));
    const [fork] = await chain({ replaces: first.recordId });
    await expect(read([first, second, fork], second.recordId)).rejects.toMatchObject(fault('replaces'));
    await expect(read([first, second], third.recordId)).rejects.toMatchObject(fault('recordId'));
    await expect(read([], third.recordId)).rejects.toMatchObject(fault('recordId'));
  });

  it('none counts under another key or about somebody else', async () => {
    const [record] = await chain({});
    const other = await createDeviceKey();
    await expect(readHistory({ rows: [record], lastRecordId: record!.recordId }, 'subject-1', other)).rejects.toMatchObject(fault('proof.keyId'));
    await expect(readHistory({ rows: [record], lastRecordId: record!.recordId }, 'subject-2', key)).rejects.toMatchObject(fault('dataSubject'));
    const forged = { ...record!, proof: { ...record!.proof, keyId: other.keyId } };
    await expect(readHistory({ rows: [forged], lastRecordId: record!.recordId }, 'subject-1', other)).rejects.toMatchObject(fault('proof.signature'));
  });

  it('a record without a signature by this browser is none, however well it is made by hand', async () => {
    const byHand = recordFixture();
    await expect(read([byHand], byHand.recordId)).rejects.toMatchObject(fault('proof.keyId'));
    const withKeyId = recordFixture({ proof: { ...byHand.proof, keyId: key.keyId } });
    await expect(read([withKeyId], withKeyId.recordId)).rejects.toMatchObject(fault('proof.signature'));
  });

  const SEED = 20261122;
  it(`one byte changed anywhere, and the record is none (property, seed ${SEED})`, async () => {
    const [record] = await chain({});
    const text = JSON.stringify(record);
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), async (at, code) => {
        const edited = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
        if (edited === text) return;
        let row: unknown;
        try {
          row = JSON.parse(edited);
        } catch {
          return; // No JSON any more: a store would not even hold it.
        }
        await expect(read([row], record!.recordId)).rejects.toMatchObject({ code: 'ERR_CONSENT_RECORD_INVALID', details: { field: expect.any(String) as string } });
      }),
      { seed: SEED, numRuns: 400 },
    );
  });
});

describe('the form of a record [MEG-request-id]', () => {
  it.each(RECORD_FIELDS)('needs %s', (field) => {
    const value = structuredClone(recordFixture()) as unknown as Record<string, Record<string, unknown>>;
    const [outer, inner] = field.split('.') as [string, string?];
    if (inner === undefined) delete value[outer];
    else delete value[outer]![inner];
    expect(() => parseRecord(value)).toThrow(expect.objectContaining(fault(field)) as Error);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a field too many', { note: 'x' }, 'note'],
    ['an older schema', { schemaVersion: 1 }, 'schemaVersion'],
    ['an unknown purpose', { answers: { spying: 'given' } }, 'answers'],
    ['an answer that is none', { answers: { sharing: 'maybe' } }, 'answers'],
    ['answers that do not fit the state', { state: 'refused' }, 'answers'],
    ['a withdrawal with answers', { state: 'withdrawn' }, 'answers'],
    ['a guardian of nobody', { role: 'guardian', relation: 'parent' }, 'guardianOf'],
    ['a guardian who is no relation', { role: 'guardian', guardianOf: 'c' }, 'relation'],
    ['an end before its beginning', { validUntil: 1 }, 'validUntil'],
    ['a time that is none', { recordedAt: 1.5 }, 'recordedAt'],
    ['an unknown scene', { scene: 'toString' }, 'scene'],
    ['a hash that is none', { noticeHash: 'A'.repeat(64) }, 'noticeHash'],
  ])('refuses %s', (_name, over, field) => {
    expect(() => parseRecord({ ...recordFixture(), ...over })).toThrow(expect.objectContaining(fault(field)) as Error);
  });

  it('refuses what is no object at all', () => {
    expect(() => parseRecord('given')).toThrow(expect.objectContaining(fault('record')) as Error);
  });
});
