import type { Embedder } from './embedder.ts';

/** What {@link createSparedEmbedder} joins. It owns both. */
export interface SparedEmbedderOptions {
  readonly first: Embedder;
  readonly spare: Embedder;
  /** True once `first` has nothing left to compute on. */
  readonly isLost: () => boolean;
}

/** Asks `first` until what it computes on is lost, and `spare` from then on; a call that was lost with it is asked again. */
export function createSparedEmbedder({ first, spare, isLost }: SparedEmbedderOptions): Embedder {
  return {
    get engine() {
      return (isLost() ? spare : first).engine;
    },
    get threads() {
      return (isLost() ? spare : first).threads;
    },
    async embed(crops) {
      if (isLost()) return spare.embed(crops);
      try {
        return await first.embed(crops);
      } catch (error) {
        // The loss may be told a moment after the call has failed.
        await new Promise((resolve) => setTimeout(resolve));
        if (isLost()) return spare.embed(crops);
        throw error;
      }
    },
    close() {
      first.close();
      spare.close();
    },
  };
}
