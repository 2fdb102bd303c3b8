const CHANNEL = 'bauta-galleries';

/** @internal Tells whoever has this gallery open, in this tab or another, that it has changed. */
export function tellGalleries(galleryId: string): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(galleryId);
  channel.close();
}

/** @internal Calls `listener` when somebody else has changed a gallery, until `signal` aborts. */
export function hearGalleries(listener: (galleryId: string) => void, signal: AbortSignal): void {
  if (signal.aborted) return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'string') listener(data);
  };
  signal.addEventListener('abort', () => { channel.close(); }, { once: true });
}
