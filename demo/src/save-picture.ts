import { FacePrivacyError } from 'bauta';
import { saveFile } from './save-file.ts';

/** Offers what is on the stage, which is redacted, as a PNG download. @throws FacePrivacyError ERR_FRAME_INVALID when nothing is shown yet. */
export async function savePicture(shown: HTMLVideoElement | HTMLCanvasElement, fileName: string): Promise<void> {
  saveFile(await pngOf(shown), `${fileName}.png`);
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
