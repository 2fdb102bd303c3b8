import { FacePrivacyError } from '../core/errors.ts';
import type { GroupRequest } from '../core/features-protocol.ts';
import { groupFaces } from './clustering.ts';
import type { FacePair } from './face-groups.ts';
import type { PackedBits } from './packed-bits.ts';

/**
 * Mean share of equal bits from which on two groups of faces count as one person. Chosen by measurement, and stricter than the threshold of a
 * comparison of two: in an album of thousands each face meets thousands of others. See docs/decisions/0008-album-grouping.md.
 */
export const GROUPING_THRESHOLD = 0.72;

/** Templates of an album, by their ids. */
export type AlbumTemplates = PackedBits & { readonly templateIds: readonly string[] };

/**
 * Groups the templates of an album. Borrows them and works on a copy, which is overwritten at the end: others may come and go meanwhile. Ids that
 * are not among them are passed over: what was removed needs no group.
 * @returns groups of template ids; groups, and ids in each, in the order of the templates.
 * @throws FacePrivacyError ERR_ABORTED, or the reason of `signal` where it is one.
 */
export async function groupTemplates(templates: AlbumTemplates, request: GroupRequest, signal?: AbortSignal, threshold = GROUPING_THRESHOLD): Promise<string[][]> {
  const templateIds = [...templates.templateIds];
  const words = templates.words.slice(0, templates.count * templates.wordsPerTemplate);
  const places = new Map(templateIds.map((templateId, place) => [templateId, place]));
  const standing = new Int32Array(templateIds.length).fill(-1);
  for (const [group, members] of request.standing.entries()) {
    for (const templateId of members) {
      const place = places.get(templateId);
      if (place !== undefined) standing[place] = group;
    }
  }
  const known = (pairs: GroupRequest['apart']): FacePair[] =>
    pairs.flatMap(([one, other]) => {
      const [a, b] = [places.get(one), places.get(other)];
      return a === undefined || b === undefined ? [] : [[a, b] as const];
    });
  try {
    const labels = await groupFaces({
      bits: { count: templates.count, wordsPerTemplate: templates.wordsPerTemplate, words },
      standing,
      apart: known(request.apart),
      threshold,
      pause: () => turnOfOthers(signal),
    });
    const groups: string[][] = [];
    for (const [place, label] of labels.entries()) (groups[label] ??= []).push(templateIds[place]!);
    return groups;
  } finally {
    words.fill(0);
  }
}

/** Lets messages and the heartbeat of the worker have their turn. */
async function turnOfOthers(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  if (signal?.aborted !== true) return;
  throw signal.reason instanceof FacePrivacyError ? signal.reason : new FacePrivacyError('ERR_ABORTED', 'Grouping was cancelled.');
}
