import { describe, expect, it } from 'vitest';
import { FacePrivacyError, type ErrorCode } from '../core/errors.ts';
import type { AuditIds } from './audit/entry.ts';
import { IncidentDesk } from './incident-desk.ts';
import type { Incident } from './incidents.ts';
import { observationOf } from './observation-of.ts';

function desk({ writable = true } = {}) {
  const told: Incident[] = [];
  const noted: AuditIds[] = [];
  const time = { believed: 1_000_000, clock: 1_000_000 };
  const incidents = new IncidentDesk({
    now: () => time.believed,
    clock: () => time.clock,
    note: (code, ids) => {
      expect(code).toBe('incident.raised');
      if (!writable) return Promise.reject(new FacePrivacyError('ERR_STORAGE_FAILED', 'full'));
      noted.push(ids);
      return Promise.resolve();
    },
    tell: (incident) => told.push(incident),
  });
  return { incidents, told, noted, time };
}

describe('the incident desk [MEG-incident]', () => {
  it('tells and audits what is an incident, once for a while, with how often it was seen', async () => {
    const { incidents, told, noted, time } = desk();
    for (let index = 0; index < 3; index += 1) await incidents.report({ kind: 'integrity-failed', about: 'models/back.onnx' });
    expect(told).toHaveLength(1);
    expect(noted).toEqual([{ incidentId: told[0]!.incidentId, incident: 'integrity-failed', severity: 'high', about: 'models/back.onnx', count: 1, firstAt: 1_000_000 }]);
    time.believed = time.clock += 61_000;
    await incidents.report({ kind: 'integrity-failed', about: 'models/back.onnx' });
    expect(told.map(({ count }) => count)).toEqual([1, 3]);
  });

  it('notices a clock behind the time that is believed, and one that is set back between two looks', async () => {
    const { incidents, told, time } = desk();
    time.clock -= 3_600_000;
    await incidents.look();
    expect(told.map(({ kind }) => kind)).toEqual(['clock-tampered']);
  });

  it('tells people before it writes, and says that it could not write', async () => {
    const { incidents, told } = desk({ writable: false });
    await expect(incidents.report({ kind: 'egress-attempted', about: 'WebSocket' })).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
    expect(told).toHaveLength(1);
  });

  it.each<[ErrorCode, Record<string, string>, ReturnType<typeof observationOf>]>([
    ['ERR_EGRESS_BLOCKED', { attempt: 'fetch' }, { kind: 'egress-attempted', about: 'fetch' }],
    ['ERR_ASSET_INTEGRITY', { file: 'blazeface-back.onnx', expected: 'a', found: 'b' }, { kind: 'integrity-failed', about: 'blazeface-back.onnx' }],
    ['ERR_VAULT_INTEGRITY', { recordingId: 'r1' }, { kind: 'integrity-failed', about: 'r1' }],
    ['ERR_VAULT_INTEGRITY', {}, { kind: 'integrity-failed', about: 'ERR_VAULT_INTEGRITY' }],
    ['ERR_STATEMENT_FORGED', { keyId: 'k' }, { kind: 'forgery-attempted', about: 'k' }],
    ['ERR_STORAGE_FAILED', { reason: 'lost', field: 'recordings' }, { kind: 'storage-lost', about: 'recordings' }],
    ['ERR_STORAGE_FAILED', { reason: 'full', field: 'recordings' }, null],
    ['ERR_CAMERA_DENIED', {}, null],
  ])('%s %j', (code, details, observation) => {
    expect(observationOf(new FacePrivacyError(code, 'x', { details }))).toEqual(observation);
  });
});
