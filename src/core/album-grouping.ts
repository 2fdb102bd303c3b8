/** Faces that are of one person as far as is known. */
export interface AlbumGroup {
  /** Random; a group keeps it as long as it has a face. */
  readonly groupId: string;
  /** In the order in which they were added. */
  readonly faceIds: readonly string[];
  /** The person has merged or split it: no grouping undoes that. */
  readonly confirmed: boolean;
}

/** The groups of an album, and which of them the person said to be two. */
export interface AlbumGrouping {
  readonly groups: readonly AlbumGroup[];
  /** Pairs of group ids. */
  readonly apart: readonly (readonly [string, string])[];
}

/** Nothing grouped yet. */
export const NO_GROUPS: AlbumGrouping = { groups: [], apart: [] };

/** Makes ids; `crypto.randomUUID` but in tests. */
export type IdMaker = () => string;

/**
 * One group of two, at the person's word. The first keeps its id.
 * @throws TypeError for an unknown group, or one and the same.
 */
export function mergeGroups(grouping: AlbumGrouping, intoId: string, fromId: string): AlbumGrouping {
  const [into, from] = [groupOf(grouping, 'merge', intoId), groupOf(grouping, 'merge', fromId)];
  if (into === from) throw new TypeError('FaceAlbum.merge: both are the same group; name two.');
  const merged = { ...into, faceIds: [...into.faceIds, ...from.faceIds], confirmed: true };
  const apart = grouping.apart.filter((pair) => !(pair.includes(intoId) && pair.includes(fromId)));
  return withIds({ groups: grouping.groups.flatMap((group) => (group === into ? [merged] : group === from ? [] : [group])), apart }, new Map([[fromId, intoId]]));
}

/**
 * Takes faces out of a group into one of their own, at the person's word; the two are held apart from then on.
 * @throws TypeError for an unknown group or face, for no face, or for all faces of the group.
 */
export function splitGroup(grouping: AlbumGrouping, groupId: string, faceIds: readonly string[], newId: IdMaker): AlbumGrouping {
  const group = groupOf(grouping, 'split', groupId);
  const out = new Set(faceIds);
  for (const faceId of out) if (!group.faceIds.includes(faceId)) throw new TypeError(`FaceAlbum.split: face '${faceId}' is not in group '${groupId}'.`);
  if (out.size === 0 || out.size === group.faceIds.length) throw new TypeError('FaceAlbum.split: faceIds must be some of the faces of the group, not none and not all.');
  const rest = { ...group, faceIds: group.faceIds.filter((faceId) => !out.has(faceId)), confirmed: true };
  const taken = { groupId: newId(), faceIds: group.faceIds.filter((faceId) => out.has(faceId)), confirmed: true };
  // Whoever the whole was not, neither part is.
  const inherited = grouping.apart.flatMap(([a, b]) => (a === groupId ? [[taken.groupId, b] as const] : b === groupId ? [[a, taken.groupId] as const] : []));
  return {
    groups: grouping.groups.flatMap((other) => (other === group ? [rest, taken] : [other])),
    apart: [...grouping.apart, ...inherited, [groupId, taken.groupId]],
  };
}

/** Without faces that are no more, and without groups that have none left. */
export function withoutFaces(grouping: AlbumGrouping, isThere: (faceId: string) => boolean): AlbumGrouping {
  const groups = grouping.groups.flatMap((group) => {
    const faceIds = group.faceIds.filter(isThere);
    return faceIds.length === 0 ? [] : [faceIds.length === group.faceIds.length ? group : { ...group, faceIds }];
  });
  return withIds({ groups, apart: grouping.apart }, new Map());
}

/**
 * Names the groups that a grouping found: each keeps the id of the group that it grew from. Where several did, that is the one of two and
 * more faces, or else the earliest.
 * @param found lists of face ids.
 */
export function nameGroups(before: AlbumGrouping, found: readonly (readonly string[])[], newId: IdMaker): AlbumGrouping {
  const home = new Map(before.groups.flatMap((group) => group.faceIds.map((faceId) => [faceId, group] as const)));
  const rank = new Map(before.groups.map((group, place) => [group, (group.faceIds.length > 1 ? 0 : before.groups.length) + place]));
  const ids = new Map<string, string>();
  const groups = found.map((faceIds): AlbumGroup => {
    const grown = [...new Set(faceIds.flatMap((faceId) => home.get(faceId) ?? []))].sort((a, b) => rank.get(a)! - rank.get(b)!);
    const groupId = grown[0]?.groupId ?? newId();
    for (const { groupId: old } of grown) ids.set(old, groupId);
    return { groupId, faceIds, confirmed: grown.some(({ confirmed }) => confirmed) };
  });
  return withIds({ groups, apart: before.apart }, ids);
}

/** What a grouping has to leave alone, in the words of the worker: all groups, or, when it begins afresh, those that the person confirmed. */
export function standingOf({ groups, apart }: AlbumGrouping, afresh: boolean): { readonly kept: AlbumGrouping; readonly standing: readonly (readonly string[])[]; readonly apart: readonly (readonly [string, string])[] } {
  const kept = afresh ? groups.filter(({ confirmed }) => confirmed) : groups;
  const first = new Map(kept.map(({ groupId, faceIds }) => [groupId, faceIds[0]]));
  const pairs = apart.flatMap(([a, b]) => {
    const [one, other] = [first.get(a), first.get(b)];
    return one === undefined || other === undefined ? [] : [[one, other] as const];
  });
  return { kept: { groups: kept, apart }, standing: kept.map(({ faceIds }) => faceIds), apart: pairs };
}

/** With groups called by other ids in `apart`, pairs once each, and without pairs of groups that are no more. */
function withIds({ groups, apart }: AlbumGrouping, ids: ReadonlyMap<string, string>): AlbumGrouping {
  const there = new Set(groups.map(({ groupId }) => groupId));
  const pairs = new Map<string, readonly [string, string]>();
  for (const pair of apart) {
    const [a, b] = pair.map((id) => ids.get(id) ?? id).sort() as [string, string];
    if (a !== b && there.has(a) && there.has(b)) pairs.set(`${a} ${b}`, [a, b]);
  }
  return { groups, apart: [...pairs.values()] };
}

function groupOf({ groups }: AlbumGrouping, method: string, groupId: string): AlbumGroup {
  const group = groups.find((candidate) => candidate.groupId === groupId);
  if (group === undefined) throw new TypeError(`FaceAlbum.${method}: there is no group '${String(groupId).slice(0, 60)}' in this album.`);
  return group;
}
