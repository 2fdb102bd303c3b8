import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainEntry } from './audit/entry.ts';
import { CLOCK_TOLERANCE_MS } from './consent/gate.ts';
import { INCIDENT_KINDS, INCIDENT_THRESHOLDS, IncidentWatch, type Incident, type IncidentKind } from './incidents.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

describe('incidents [MEG-incident]', () => {
  it.each(INCIDENT_KINDS.filter((kind) => INCIDENT_THRESHOLDS[kind].count === 1).map((kind) => [kind]))('%s is one at the first sight', (kind) => {
    const [incident, ...more] = new IncidentWatch().observe({ kind, about: 'face-resnet.onnx' }, NOW);
    expect(incident).toMatchObject({ kind, about: 'face-resnet.onnx', at: NOW, firstAt: NOW, count: 1, severity: INCIDENT_THRESHOLDS[kind].severity });
    expect(more).toEqual([]);
  });

  it('refusals are one when the same person is refused five times in ten minutes', () => {
    const watch = new IncidentWatch();
    const refuse = (about: string, minute: number): Incident[] => watch.observe({ kind: 'refusals-repeated', about }, NOW + minute * MINUTE);
    for (const minute of [0, 1, 2, 3]) expect(refuse('rita', minute)).toEqual([]);
    expect(refuse('ron', 4)).toEqual([]);
    expect(refuse('rita', 4)).toMatchObject([{ kind: 'refusals-repeated', about: 'rita', count: 5, firstAt: NOW }]);
  });

  it('and are none when they are further apart', () => {
    const watch = new IncidentWatch();
    for (let n = 0; n < 20; n += 1) expect(watch.observe({ kind: 'refusals-repeated', about: 'rita' }, NOW + n * 3 * MINUTE)).toEqual([]);
  });

  it('is told once, then again when the quiet is over, with how often it happened', () => {
    const watch = new IncidentWatch();
    const attempt = (ms: number): Incident[] => watch.observe({ kind: 'egress-attempted', about: 'redaction.worker' }, NOW + ms);
    expect(attempt(0)).toHaveLength(1);
    for (let n = 1; n <= 9; n += 1) expect(attempt(n * 1000)).toEqual([]);
    expect(attempt(INCIDENT_THRESHOLDS['egress-attempted'].quietMs)).toMatchObject([{ count: 10, firstAt: NOW + 1000 }]);
  });

  it('a clock that goes back is one, however often it is looked at, and hides nothing else', () => {
    const watch = new IncidentWatch();
    expect(watch.tick(NOW)).toEqual([]);
    expect(watch.tick(NOW - CLOCK_TOLERANCE_MS)).toEqual([]);
    const both = watch.observe({ kind: 'integrity-failed', about: 'manifest' }, NOW - CLOCK_TOLERANCE_MS - 1);
    expect(both.map(({ kind, at }) => [kind, at])).toEqual([['clock-tampered', NOW], ['integrity-failed', NOW]]);
    expect(watch.tick(0)).toEqual([]);
  });

  it('as many as the definition says, whatever happens when (property, seed 13)', () => {
    const steps = fc.array(fc.record({ about: fc.constantFrom('a', 'b'), afterMs: fc.integer({ min: 0, max: 4 * MINUTE }) }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (observations) => {
        const watch = new IncidentWatch();
        const { count, withinMs, quietMs } = INCIDENT_THRESHOLDS['refusals-repeated'];
        const past: Record<string, number[]> = { a: [], b: [] };
        const told: Record<string, number> = { a: -Infinity, b: -Infinity };
        let now = NOW;
        for (const { about, afterMs } of observations) {
          now += afterMs;
          past[about]!.push(now);
          const expected = past[about]!.filter((time) => now - time <= withinMs).length >= count && now - told[about]! >= quietMs;
          if (expected) told[about] = now;
          expect(watch.observe({ kind: 'refusals-repeated', about }, now).length).toBe(expected ? 1 : 0);
        }
      }),
      { seed: 13 },
    );
  });

  it('remembers no more than it can hold', () => {
    const watch = new IncidentWatch();
    const first = { kind: 'refusals-repeated', about: 'first' } as const;
    for (let n = 0; n < 4; n += 1) watch.observe(first, NOW);
    for (let n = 0; n < 1000; n += 1) watch.observe({ kind: 'refusals-repeated', about: `thief-${n}` }, NOW);
    expect(watch.observe(first, NOW)).toEqual([]);
  });

  it('tells nothing that does not belong into an audit log', async () => {
    const [incident] = new IncidentWatch().observe({ kind: 'integrity-failed', about: 'rec-1' }, NOW);
    const { incidentId, kind, about, count, severity } = incident!;
    expect((await chainEntry(null, 'incident.raised', { incidentId, kind, about, count, severity }, NOW)).code).toBe('incident.raised');
    expect(() => new IncidentWatch().observe({ kind: 'fire' as IncidentKind, about: 'x' }, NOW)).toThrow(/kind must be one of/);
    expect(() => new IncidentWatch().observe({ kind: 'storage-lost', about: 'x'.repeat(201) }, NOW)).toThrow(/about must be/);
  });
});
