import type { EpochMs, Milliseconds } from '../../core/time.ts';

export const DAY_MS: Milliseconds = 24 * 3600 * 1000;

/** What holds for one class of data. Days are decided in docs/decisions/0009; an app may choose less, never more. */
export interface RetentionRule {
  /** Where the notice says nothing. */
  readonly defaultDays: number;
  readonly maxDays: number;
  /**
   * `personal`: goes with the consent that it rests on. `proof`: shows that the rules were kept (no pixels, no vectors), so
   * a withdrawal leaves it.
   */
  readonly nature: 'personal' | 'proof';
}

/** Every class of data that is kept, and for how long (MEG-retain). The names are those of the notice. */
export const RETENTION_RULES = Object.freeze({
  'live-picture': rule(0, 0, 'personal'),
  'redacted-media': rule(30, 1095, 'personal'),
  'recorded-sound': rule(30, 1095, 'personal'),
  'sealed-regions': rule(30, 180, 'personal'),
  'protected-templates': rule(180, 365, 'personal'),
  'comparison-results': rule(0, 30, 'personal'),
  'album-groups': rule(180, 365, 'personal'),
  'review-notes': rule(180, 1095, 'personal'),
  'consent-records': rule(1095, 1825, 'proof'),
  'access-records': rule(1095, 1825, 'proof'),
  'sharing-records': rule(1095, 1825, 'proof'),
  'rights-records': rule(1095, 1825, 'proof'),
  'erasure-receipts': rule(1095, 1825, 'proof'),
  'audit-log': rule(1095, 1825, 'proof'),
});

/** A class of data. */
export type RetentionCategory = keyof typeof RETENTION_RULES;

/** True for a name of {@link RETENTION_RULES}. */
export function isRetentionCategory(value: unknown): value is RetentionCategory {
  return typeof value === 'string' && Object.hasOwn(RETENTION_RULES, value);
}

/**
 * When something has to go that is made now.
 * @param periodDays what the notice says, 0 for not at all; the default of the category unless given.
 * @param notAfter the end of the consent that it rests on: nothing personal outlives it.
 * @throws TypeError for a category that is unknown, or a period that is longer than the category allows.
 */
export function expiryOf(category: RetentionCategory, createdAt: EpochMs, { periodDays, notAfter = Infinity }: { readonly periodDays?: number; readonly notAfter?: EpochMs } = {}): EpochMs {
  if (!isRetentionCategory(category)) throw new TypeError(`category must be one of ${Object.keys(RETENTION_RULES).join(', ')}, got '${String(category)}'.`);
  const { defaultDays, maxDays, nature } = RETENTION_RULES[category];
  const days = periodDays ?? defaultDays;
  if (!(days >= 0 && days <= maxDays)) throw new TypeError(`periodDays of '${category}' must be from 0 to ${maxDays}, got ${days}.`);
  const end = createdAt + days * DAY_MS;
  return nature === 'personal' ? Math.min(end, notAfter) : end;
}

function rule(defaultDays: number, maxDays: number, nature: RetentionRule['nature']): RetentionRule {
  return Object.freeze({ defaultDays, maxDays, nature });
}
