import type { FacesReport, RedactionSession } from 'bauta';
import type { trackAt } from 'bauta/features';

/** The faces that a session has told of last, for tests that claim one. */
export interface FacesTold {
  /** How many are confirmed; 0 while the whole picture is covered. */
  confirmed(): number;
  /** The confirmed track at a point of the picture (pixels of the upright picture), or null. */
  at(x: number, y: number): number | null;
}

/** Listens to a session. `trackAt` is the library's, of the entry that the test has loaded. */
export function facesToldBy(session: RedactionSession, find: typeof trackAt): FacesTold {
  let last: Pick<FacesReport, 'faces' | 'whole'> = { faces: [], whole: null };
  session.addEventListener('faces', ({ detail }) => {
    last = detail;
  });
  const confirmed = (): readonly FacesReport['faces'][number][] => (last.whole === null ? last.faces.filter(({ state }) => state === 'confirmed') : []);
  return {
    confirmed: () => confirmed().length,
    at: (x, y) => {
      const found = find(last, x, y);
      return confirmed().some(({ trackId }) => trackId === found) ? found : null;
    },
  };
}

/**
 * Claims a face and goes on with it. A busy machine may lose a face for a second, which ends its claim or refuses it; then one claims
 * it again, as the library says.
 *
 * @param attempt Claims and answers what came of it, or null where the claim ended too early.
 */
export async function claimed<T>(attempt: () => Promise<T | null>, limitMs: number): Promise<T> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    try {
      const result = await attempt();
      if (result !== null) return result;
      if (performance.now() > endMs) throw new Error(`within ${limitMs} ms no claim lasted`);
    } catch (error) {
      const { code = null } = error as { readonly code?: string | null };
      if (code === null || !code.startsWith('ERR_CLAIM_') || performance.now() > endMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
