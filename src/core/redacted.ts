/** Compile-time marks only; they hold no data. The privacy tests look at the pixels all the same. */
declare const redactedFrame: unique symbol;
declare const redactedPicture: unique symbol;

/** A frame that went through the compositor. Only `video/redaction/` mints one. Its holder owns and closes it. */
export type RedactedFrame = VideoFrame & { readonly [redactedFrame]: true };

/** A still picture that went through the compositor. Only `video/output/` mints one. */
export type RedactedBitmap = ImageBitmap & { readonly [redactedPicture]: true };
