/** Compile-time mark only, see `redacted.ts`; apart from it, since workers know no `MediaStreamTrack`. */
declare const redactedTrack: unique symbol;

/** A track that carries redacted frames and nothing else. Only `video/output/` mints one. */
export type RedactedTrack = MediaStreamTrack & { readonly [redactedTrack]: true };
