import type { RedactionManifest, SecondOfCovers } from 'bauta/recording';
import type { Box } from 'bauta';

/** Where the tracks were at a moment of the media; boxes in pixels of the recorded picture. */
export interface ShownSample {
  readonly timeUs: number;
  readonly tracks: readonly { readonly trackId: number; readonly box: Box }[];
}

/** When a track was to be seen. */
export interface ShownTrack {
  readonly trackId: number;
  readonly spans: readonly { readonly fromUs: number; readonly untilUs: number }[];
  /** An original of it is sealed. */
  readonly sealed: boolean;
}

/** A place that somebody covered by hand. */
export interface ShownBox {
  readonly fromUs: number;
  readonly untilUs: number;
  readonly box: Box;
}

/** Something that somebody wrote. */
export interface ShownNote {
  readonly by: string;
  readonly at: number;
  readonly text: string;
}

/** How a review ended. */
export const OUTCOMES = ['no-issue', 'issue', 'escalate'] as const;

/** One of {@link OUTCOMES}. */
export type Outcome = (typeof OUTCOMES)[number];

/** What was decided. */
export interface ShownDecision {
  readonly outcome: Outcome;
  readonly text?: string;
  readonly by: string;
  readonly at: number;
}

/** What the player and its panels show: a case of this desk, or a bundle from another machine. */
export interface ShownCase {
  readonly item: { readonly recordingId: string; readonly createdAt: number; readonly durationUs: number; readonly width: number; readonly height: number };
  /** Redacted. */
  readonly media: Blob;
  readonly manifest: RedactionManifest | null;
  readonly manifestVerdict: { readonly valid: boolean };
  readonly timeline: {
    readonly durationUs: number;
    readonly samples: readonly ShownSample[];
    readonly covers: readonly SecondOfCovers[];
    readonly tracks: readonly ShownTrack[];
  };
  boxes(): Promise<readonly ShownBox[]>;
  addBox(box: ShownBox): Promise<unknown>;
  notes(): Promise<readonly ShownNote[]>;
  addNote(text: string): Promise<unknown>;
  decision(): Promise<ShownDecision | null>;
  decide(decision: { readonly outcome: Outcome; readonly text?: string }): Promise<unknown>;
}
