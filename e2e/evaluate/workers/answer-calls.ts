/** Answers { id, call, args } with { id, value } or { id, error }, in the order of arrival. */
export function answerCalls(calls: Readonly<Record<string, (...args: never[]) => unknown>>): void {
  let last: Promise<unknown> = Promise.resolve();
  addEventListener('message', ({ data: { id, call, args } }: MessageEvent<{ id: number; call: string; args: unknown[] }>) => {
    const run = calls[call] as ((...args: unknown[]) => unknown) | undefined;
    last = last
      .then(() => {
        if (run === undefined) throw new TypeError(`there is no call ${call}`);
        return run(...args);
      })
      .then(
        (value) => {
          postMessage({ id, value });
        },
        (error: unknown) => {
          postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
        },
      );
  });
}

/** The bytes of a file of this server. */
export async function fetchBytes(path: string): Promise<ArrayBuffer> {
  return (await fetchPicture(path)).arrayBuffer();
}

/** A picture of this server. */
export async function fetchPicture(path: string): Promise<Blob> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.blob();
}
