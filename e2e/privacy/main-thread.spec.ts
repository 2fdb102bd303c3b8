import { expect, test } from '../support/stage-test.ts';
import { slow } from '../support/slow.ts';

test('stream adapter: the main thread makes, reads, draws and clones no frame, and gives a stream away in the task that opens it', async ({ stage: page }) => {
  const { pixelCalls, handles, streams } = await page.evaluate(async () => {
    const { stage } = window;
    const opened = await stage.open({ adapter: 'stream' });
    await stage.until(() => opened.recorder.count >= 30, '30 frames');
    await stage.act();
    await opened.session.setSource({ kind: 'camera' }, { initiatedBy: 'user' });
    await opened.session.close();
    return { pixelCalls: stage.spied.pixelCalls, handles: stage.spied.handles, streams: stage.spied.streams };
  });
  expect(pixelCalls).toEqual([]);
  expect(handles).toEqual([]);
  // In one that waits, the frame that waits with it would be handled here once more when it goes.
  expect(streams.length).toBeGreaterThanOrEqual(2);
  expect(streams.every(({ transferred }) => transferred)).toBe(true);
});

slow(test)('element adapter: each handle is given away in the task that made it, and never looked into', async ({ stage: page }) => {
  const { pixelCalls, handles } = await page.evaluate(async () => {
    const { stage } = window;
    const opened = await stage.open({ adapter: 'element' });
    await stage.until(() => opened.recorder.count >= 20, '20 frames');
    await opened.session.close();
    return { pixelCalls: stage.spied.pixelCalls, handles: stage.spied.handles };
  });
  expect(pixelCalls).toEqual([]);
  expect(handles.length).toBeGreaterThanOrEqual(10);
  for (const handle of handles) expect(handle).toEqual({ from: 'HTMLVideoElement', transferred: true });
});

test('the spies see each door when it is used', async ({ stage: page }) => {
  const { pixelCalls, handles } = await page.evaluate(async () => {
    const { stage } = window;
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d')!;
    context.drawImage(canvas, 0, 0);
    context.getImageData(0, 0, 1, 1);
    (await createImageBitmap(canvas)).close();
    const frame = new VideoFrame(canvas, { timestamp: 0 });
    await Promise.resolve();
    frame.clone().close();
    await frame.copyTo(new Uint8Array(frame.codedWidth * frame.codedHeight * 4));
    frame.close();
    const source = new stage.FedTrack((timestampUs) => new stage.real.VideoFrame(canvas, { timestamp: timestampUs }));
    await new MediaStreamTrackProcessor({ track: source.track as MediaStreamVideoTrack }).readable.getReader().cancel();
    source.stop();
    return { pixelCalls: stage.spied.pixelCalls, handles: stage.spied.handles };
  });
  expect(pixelCalls).toEqual([
    'CanvasRenderingContext2D.drawImage(HTMLCanvasElement, Number, Number)',
    'CanvasRenderingContext2D.getImageData(Number, Number, Number, Number)',
    'Window.createImageBitmap(HTMLCanvasElement)',
    'VideoFrame.clone()',
    'VideoFrame.copyTo(Uint8Array)',
    'ReadableStream.getReader()',
  ]);
  expect(handles).toEqual([{ from: 'HTMLCanvasElement', transferred: false }]);
});
