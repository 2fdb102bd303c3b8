/** A photo that the person chose. */
export interface Photo {
  /** SHA-256 of the file: the same photo is the same photo under whatever name, and the id tells nothing of that name. */
  readonly pictureId: string;
  readonly file: File;
}

/** The sample photos in `photos/`. */
export const SAMPLES = [1, 2, 3, 4, 5, 6].map((number) => `sample${number}.jpg`).concat([1, 3, 4, 6].map((number) => `sample${number}-b.jpg`));

/** Gives a file its id. @throws DOMException when the file cannot be read any more. */
export async function photoOf(file: File): Promise<Photo> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return { pictureId: Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(''), file };
}

/** Fetches the sample photos as files. @throws ClipError-like TypeError when one is not there. */
export async function fetchSamples(): Promise<File[]> {
  return Promise.all(
    SAMPLES.map(async (name) => {
      const response = await fetch(new URL(`photos/${name}`, document.baseURI));
      const type = response.headers.get('content-type') ?? '';
      if (!response.ok || !type.startsWith('image/')) throw new SamplesError(`The server answered with ${response.status} ${type} instead of ${name}.`);
      return new File([await response.blob()], name, { type });
    }),
  );
}

/** Thrown when the sample photos did not arrive. */
export class SamplesError extends Error {
  override readonly name = 'SamplesError';
}
