/** What the pages remember between visits: a language and random pseudonyms, one a page, so that the pages cannot be linked by them. */
export type PreferenceName = 'bauta-demo.language' | 'bauta-demo.subject' | 'bauta-demo.people' | 'bauta-demo.album-subject';

/** A remembered value, or null where there is none or the browser gives no storage. */
export function recall(name: PreferenceName): string | null {
  return storage()?.getItem(name) ?? null;
}

/** Remembers a value as far as the browser allows; null forgets it. */
export function remember(name: PreferenceName, value: string | null): void {
  try {
    if (value === null) storage()?.removeItem(name);
    else storage()?.setItem(name, value);
  } catch (error) {
    // A full or forbidden storage costs the memory of a preference, nothing else.
    if (!(error instanceof DOMException)) throw error;
  }
}

function storage(): Storage | null {
  try {
    return localStorage;
  } catch (error) {
    if (error instanceof DOMException) return null; // Storage is switched off for this page.
    throw error;
  }
}
