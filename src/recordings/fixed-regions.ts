import type { FixedRegion } from '../core/file-redaction-protocol.ts';
import { checkOptions, matching, type OptionRules } from '../core/options.ts';

/** Beyond this, somebody hands in something else. */
const MOST_REGIONS = 10_000;

const time = matching('a time in microseconds, 0 or more', (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0);
const rules: OptionRules<FixedRegion> = { fromUs: time, untilUs: time, box: matching('a box with finite x, y and a positive width and height', isBox) };

/** @internal @throws TypeError that names the region and what is wrong with it. */
export function checkRegions(operation: string, regions: readonly FixedRegion[]): void {
  if (regions.length > MOST_REGIONS) throw new TypeError(`${operation}: at most ${MOST_REGIONS} regions, got ${regions.length}.`);
  for (const [index, region] of regions.entries()) {
    const name = `${operation}.regions[${index}]`;
    checkOptions<FixedRegion>(name, region, rules, ['fromUs', 'untilUs', 'box']);
    if (region.untilUs <= region.fromUs) throw new TypeError(`${name}: untilUs must be later than fromUs.`);
  }
}

function isBox(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { x, y, width, height } = value as Partial<Record<string, unknown>>;
  return [x, y, width, height].every((side) => typeof side === 'number' && Number.isFinite(side)) && (width as number) > 0 && (height as number) > 0;
}
