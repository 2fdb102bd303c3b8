/** Stands in for the module of this name while the worker of looks is built: a picture is read once, however often it is searched. */
import type { FrameView } from '../../../../src/core/pixels.ts';
import { readFrame as readReal } from '../../../../src/video/frame/read-frame.ts';

let view: Extract<FrameView, { readonly kind: 'planes' }> | null = null;

/** Reads the picture that {@link readFrame} answers with from now on. Takes the frame. */
export async function openPicture(frame: VideoFrame): Promise<Extract<FrameView, { readonly kind: 'planes' }>> {
  const read = await readReal(frame);
  if (read.kind !== 'planes') {
    read.frame.close();
    throw new Error('the planes of the picture cannot be had');
  }
  view = read;
  return read;
}

export const readFrame: typeof readReal = (frame) => {
  frame.close();
  return view === null ? Promise.reject(new Error('no picture is open')) : Promise.resolve(view);
};
