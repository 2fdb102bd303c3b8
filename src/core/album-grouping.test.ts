import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeGroups, nameGroups, NO_GROUPS, splitGroup, standingOf, withoutFaces, type AlbumGrouping } from './album-grouping.ts';

/** Ids that can be read in a failure. */
function ids(): () => string {
  let count = 0;
  return () => `g${(count += 1)}`;
}

const group = (groupId: string, faces: string, confirmed = false) => ({ groupId, faceIds: [...faces], confirmed });
const of = (...groups: ReturnType<typeof group>[]): AlbumGrouping => ({ groups, apart: [] });

describe('corrections by the person [TEN-album]', () => {
  it('merges two groups into the first', () => {
    expect(mergeGroups(of(group('a', '12'), group('b', '3'), group('c', '4')), 'c', 'a')).toEqual(of(group('b', '3'), group('c', '412', true)));
  });

  it('splits faces off, and holds both parts apart from then on', () => {
    const split = splitGroup(of(group('a', '1234')), 'a', ['2', '4'], ids());
    expect(split).toEqual({ groups: [group('a', '13', true), group('g1', '24', true)], apart: [['a', 'g1']] });
    expect(standingOf(split, true)).toMatchObject({ standing: [['1', '3'], ['2', '4']], apart: [['1', '2']] });
    // What is merged again is no longer apart.
    expect(mergeGroups(split, 'a', 'g1').apart).toEqual([]);
  });

  it('a part is apart from whatever the whole was apart from, and so is what it is merged into', () => {
    const once = splitGroup(of(group('a', '123')), 'a', ['3'], ids());
    const twice = splitGroup(once, 'a', ['2'], () => 'x');
    expect(twice.apart).toEqual([['a', 'g1'], ['x', 'g1'], ['a', 'x']]);
    const merged = mergeGroups({ ...twice, groups: [...twice.groups, group('z', '9')] }, 'z', 'g1');
    expect(merged.apart).toEqual([['a', 'z'], ['x', 'z'], ['a', 'x']].map((pair) => pair.sort()));
  });

  it('refuses what is not there', () => {
    const grouping = of(group('a', '12'), group('b', '3'));
    expect(() => mergeGroups(grouping, 'a', 'q')).toThrow(/there is no group 'q'/);
    expect(() => mergeGroups(grouping, 'a', 'a')).toThrow(/same group/);
    expect(() => splitGroup(grouping, 'a', ['3'], ids())).toThrow(/face '3' is not in group 'a'/);
    expect(() => splitGroup(grouping, 'a', [], ids())).toThrow(/not none and not all/);
    expect(() => splitGroup(grouping, 'a', ['1', '2'], ids())).toThrow(/not none and not all/);
  });

  it('forgets faces, and groups and pairs with them', () => {
    const split = splitGroup(of(group('a', '123')), 'a', ['3'], ids());
    expect(withoutFaces(split, (faceId) => faceId !== '3')).toEqual(of(group('a', '12', true)));
    expect(withoutFaces(split, () => false)).toEqual(NO_GROUPS);
  });
});

describe('names of groups', () => {
  it('stay with what has grown; the group of more faces before the earlier single one', () => {
    const before = of(group('lone', '1'), group('two', '23', true), group('other', '4'));
    expect(nameGroups(before, [['1', '2', '3', '5'], ['4'], ['6']], ids()).groups).toEqual([group('two', '1235', true), group('other', '4'), group('g1', '6')]);
  });

  it('carry on whom the person set apart', () => {
    const split = splitGroup(of(group('a', '12')), 'a', ['2'], ids());
    expect(nameGroups(split, [['1', '5'], ['2', '6']], ids()).apart).toEqual([['a', 'g1']]);
    // A single face that was taken in by a group: the group is apart now.
    const joined = nameGroups({ ...split, groups: [...split.groups, group('big', '78')] }, [['1', '7', '8'], ['2']], ids());
    expect(joined.apart).toEqual([['big', 'g1']]);
  });

  it('begun afresh, only what the person confirmed stands', () => {
    const { kept, standing } = standingOf(of(group('a', '12'), group('b', '34', true)), true);
    expect(kept.groups.map(({ groupId }) => groupId)).toEqual(['b']);
    expect(standing).toEqual([['3', '4']]);
  });
});

it('whatever is done, each face is in one group, and pairs are of groups that are there', () => {
  const step = fc.record({ kind: fc.constantFrom('merge', 'split', 'remove'), a: fc.nat(20), b: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const newId = ids();
      let grouping = nameGroups(NO_GROUPS, [['1', '2', '3'], ['4', '5'], ['6'], ['7', '8', '9']], newId);
      const gone = new Set<string>();
      for (const { kind, a, b } of steps) {
        const [one, other] = [a, b].map((i) => grouping.groups[i % Math.max(1, grouping.groups.length)]);
        if (one === undefined || other === undefined) break;
        if (kind === 'merge' && one !== other) grouping = mergeGroups(grouping, one.groupId, other.groupId);
        if (kind === 'split' && one.faceIds.length > 1) grouping = splitGroup(grouping, one.groupId, [one.faceIds[b % one.faceIds.length]!], newId);
        if (kind === 'remove') {
          gone.add(one.faceIds[0]!);
          grouping = withoutFaces(grouping, (faceId) => !gone.has(faceId));
        }
        const faces = grouping.groups.flatMap(({ faceIds }) => faceIds);
        expect(new Set(faces).size).toBe(faces.length);
        expect(faces.length).toBe(9 - gone.size);
        const there = new Set(grouping.groups.map(({ groupId }) => groupId));
        for (const pair of grouping.apart) for (const groupId of pair) expect(there).toContain(groupId);
      }
    }),
  );
});
