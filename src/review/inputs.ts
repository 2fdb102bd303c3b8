import { isProper, type Box, type Size } from '../core/geometry.ts';
import { checkOptions, matching, numberBetween, oneOf } from '../core/options.ts';
import { REVIEW_OUTCOMES, type ReviewOutcome } from '../core/review.ts';
import type { Microseconds } from '../core/time.ts';
import type { AuditFilter, HoldInput, ManualBoxInput, QueueFilter } from './protocol.ts';

const MAX_TEXT = 2000;
const TIMES = numberBetween(0, Number.MAX_SAFE_INTEGER);
const FLAG = matching('true or false', (value) => typeof value === 'boolean');

/** @throws TypeError. */
export function checkQueueFilter(filter: unknown): asserts filter is QueueFilter {
  checkOptions<QueueFilter>('queue', filter, { state: oneOf(['new', 'in-review', 'decided']), mine: FLAG, held: FLAG, from: TIMES, to: TIMES });
}

/** @throws TypeError. */
export function checkAuditFilter(filter: unknown): asserts filter is AuditFilter {
  checkOptions<AuditFilter>('auditLog', filter, { from: TIMES, codes: matching('a list of audit codes', (value) => Array.isArray(value) && value.every((code) => typeof code === 'string')) });
}

/** Reason and end are judged by `placeHold`; here they are of the right type. @throws TypeError. */
export function checkHold(hold: unknown): asserts hold is HoldInput {
  checkOptions<HoldInput>('hold', hold, { reason: matching('a text', (value) => typeof value === 'string'), until: matching('milliseconds since the epoch', (value) => typeof value === 'number') }, ['reason', 'until']);
}

/** @throws TypeError for a text that is empty or too long. */
export function checkNote(text: unknown): asserts text is string {
  if (typeof text !== 'string' || text.trim() === '' || text.length > MAX_TEXT) throw new TypeError(`addNote: text must be 1 to ${MAX_TEXT} characters.`);
}

/** @throws TypeError. */
export function checkDecision(outcome: unknown, text: unknown): asserts outcome is ReviewOutcome {
  if (!(REVIEW_OUTCOMES as readonly unknown[]).includes(outcome)) throw new TypeError(`decide: outcome must be one of ${REVIEW_OUTCOMES.join(', ')}, got ${String(outcome)}.`);
  if (typeof text !== 'string' || text.length > MAX_TEXT) throw new TypeError(`decide: text must be at most ${MAX_TEXT} characters.`);
}

/** @throws TypeError for what is no string of an id's length. */
export function checkId(call: string, name: string, id: unknown): asserts id is string {
  if (typeof id !== 'string' || id === '' || id.length > 100) throw new TypeError(`${call}: ${name} must be an id of 1 to 100 characters.`);
}

/** @throws TypeError for a time of the media that is none. */
export function checkTime(call: string, timeUs: unknown): asserts timeUs is Microseconds {
  if (typeof timeUs !== 'number' || !Number.isFinite(timeUs) || timeUs < 0) throw new TypeError(`${call}: timeUs must be microseconds from the start of the media, got ${String(timeUs)}.`);
}

/**
 * @param recording length and size of the recorded picture.
 * @throws TypeError for times or a box that are not in it.
 */
export function checkBox({ fromUs, untilUs, box }: ManualBoxInput, recording: Size & { readonly durationUs: Microseconds }): void {
  checkTime('addBox', fromUs);
  checkTime('addBox', untilUs);
  if (fromUs >= untilUs || fromUs >= recording.durationUs) throw new TypeError(`addBox: fromUs must lie before untilUs and before the end (${recording.durationUs}), got ${fromUs} and ${untilUs}.`);
  if (!isInside(box, recording)) throw new TypeError(`addBox: box must be a rectangle of pixels inside the recorded picture of ${recording.width} x ${recording.height}.`);
}

function isInside(box: Box, { width, height }: Size): boolean {
  return isProper(box) && box.width > 0 && box.height > 0 && box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;
}
