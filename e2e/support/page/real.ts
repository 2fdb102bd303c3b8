/**
 * The browser's own doors, taken before the spies stand in front of them: the harness looks at frames through these, so
 * that whatever the spies note was done by the library.
 */
export const real = {
  VideoFrame,
  Worker,
  MediaStreamTrackGenerator,
  MediaStreamTrackProcessor,
  copyTo: VideoFrame.prototype.copyTo,
  allocationSize: VideoFrame.prototype.allocationSize,
  clone: VideoFrame.prototype.clone,
  drawImage: OffscreenCanvasRenderingContext2D.prototype.drawImage as (
    this: OffscreenCanvasRenderingContext2D,
    image: CanvasImageSource,
    x: number,
    y: number,
    width: number,
    height: number,
  ) => void,
  getImageData: OffscreenCanvasRenderingContext2D.prototype.getImageData,
  createImageBitmap: createImageBitmap.bind(globalThis),
  getReader: ReadableStream.prototype.getReader as (this: ReadableStream<VideoFrame>) => ReadableStreamDefaultReader<VideoFrame>,
};
