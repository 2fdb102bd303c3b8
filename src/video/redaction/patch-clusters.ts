import { unite } from '../../core/geometry.ts';
import { reachPx } from './cover/cover-regions.ts';
import { type PixelRect, type StoredRegion, growRect, rectsMeet } from './cover/stored-regions.ts';

/** Regions that are covered together, and the patch of picture that their covers read and write. */
export interface PatchCluster {
  readonly patch: PixelRect;
  readonly regions: readonly StoredRegion[];
}

/**
 * Groups regions into patches that do not meet, so that covering patch by patch gives the same picture as covering all
 * at once. A patch holds its regions and as much around them as their covers look at.
 */
export function patchClusters(regions: readonly StoredRegion[], picture: { width: number; height: number }): PatchCluster[] {
  const clusters: PatchCluster[] = [];
  for (const region of regions) {
    let cluster: PatchCluster = { patch: growRect(region.rect, reachPx(region.rect), picture), regions: [region] };
    // A cluster that has grown may meet one that it did not meet before.
    for (let i = clusters.length - 1; i >= 0; i--) {
      const other = clusters[i];
      if (!other || !rectsMeet(other.patch, cluster.patch)) continue;
      clusters.splice(i, 1);
      cluster = { patch: uniteRects(other.patch, cluster.patch), regions: [...other.regions, ...cluster.regions] };
      i = clusters.length;
    }
    clusters.push(cluster);
  }
  // In the order of the plan: later regions are painted over earlier ones.
  return clusters.map((cluster) => ({ patch: cluster.patch, regions: regions.filter((region) => cluster.regions.includes(region)) }));
}

function uniteRects(a: PixelRect, b: PixelRect): PixelRect {
  const box = unite(boxOf(a), boxOf(b));
  return { x0: box.x, y0: box.y, x1: box.x + box.width, y1: box.y + box.height };
}

function boxOf({ x0, y0, x1, y1 }: PixelRect): { x: number; y: number; width: number; height: number } {
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
}

/** The same region in the coordinates of a patch. */
export function inPatch({ rect, box, seed }: StoredRegion, patch: PixelRect): StoredRegion {
  return {
    rect: { x0: rect.x0 - patch.x0, y0: rect.y0 - patch.y0, x1: rect.x1 - patch.x0, y1: rect.y1 - patch.y0 },
    box: { x: box.x - patch.x0, y: box.y - patch.y0, width: box.width, height: box.height },
    seed,
  };
}
