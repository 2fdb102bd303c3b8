import type { Language } from '../language.ts';

/** A time of the media, as `m:ss.t`. */
export function mediaTime(us: number): string {
  const tenths = Math.floor(Math.max(0, us) / 100_000);
  const seconds = Math.floor(tenths / 10);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.${tenths % 10}`;
}

/** A moment, in the language of the page. */
export function moment(language: Language, atMs: number): string {
  return new Date(atMs).toLocaleString(language.tag, { dateStyle: 'short', timeStyle: 'short' });
}
