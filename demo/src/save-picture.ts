import { FacePrivacyError } from 'bauta';

/** Offers what is on the stage, which is redacted, as a PNG download. @throws FacePrivacyError ERR_FRAME_INVALID when nothing is shown yet. */
export async function savePicture(shown: HTMLVideoElement | HTMLCanvasElement, fileName: string): Promise<void> {
  const blob = await pngOf(shown);
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = `${fileName}.png`;
  link.click();
  // The download has taken its own reference by the next turn of the event loop, but not in every engine at once.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}

function pngOf(shown: HTMLVideoElement | HTMLCanvasElement): Promise<Blob> {
  const canvas = shown instanceof HTMLCanvasElement ? shown : stillOf(shown);
  return new Promise<Blob>((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new FacePrivacyError('ERR_FRAME_INVALID', 'There is no picture to save yet.'));
      else resolve(blob);
    });
  });
}

function stillOf(video: HTMLVideoElement): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  return canvas;
}
