import { readFile } from 'node:fs/promises';
import { expect, test } from './demo-page.ts';

test('the clip runs: a moving redacted picture, numbers, changes while it runs, stop', async ({ demo, page }) => {
  await demo.openAndAgree('saving');
  await expect(page.locator('#stage-state')).toHaveText(/Nothing is shown/);
  await demo.start('clip');
  await demo.playing();
  await expect(page.locator('#stage-state')).toHaveText(/faces covered/);
  await expect(page.locator('#stop')).toBeFocused();

  const first = await demo.pictureSum();
  await expect.poll(() => demo.pictureSum(), { timeout: 20_000 }).not.toBe(first);
  await expect(page.locator('#fps-out')).toHaveText(/^\d+(\.\d)?$/, { timeout: 20_000 });
  await expect(page.locator('#latency-p95')).toHaveText(/ms$/);
  await expect(page.locator('#latency-text')).toHaveText(/measurements/);
  await expect.poll(() => page.locator('#faces-now').textContent(), { timeout: 20_000 }).toMatch(/^[1-9]/);

  await page.locator('input[name=method][value=solid]').check();
  await page.locator('#strength').fill('80');
  await page.locator('#show-boxes').check();
  await expect(page.locator('#boxes')).toBeVisible();

  await page.locator('#pause').click();
  await expect(page.locator('#stage-state')).toHaveText(/Paused/);
  await page.locator('#pause').click();
  await expect(page.locator('#stage-state')).toHaveText(/faces covered/);

  const download = page.waitForEvent('download');
  await page.locator('#save').click();
  const file = await readFile(await (await download).path());
  expect(file.subarray(1, 4).toString('latin1')).toBe('PNG');

  // No raw preview: the one video plays a stream, not the file.
  expect(await page.locator('video').evaluateAll((videos) => videos.map((video) => (video as HTMLVideoElement).currentSrc))).toEqual(['']);

  await page.locator('#stop').click();
  await expect(page.locator('#video')).toBeHidden();
  expect(await page.locator('#video').evaluate((video: HTMLVideoElement) => video.srcObject)).toBeNull();
  await expect(page.locator('#stage-state')).toHaveText(/Nothing is shown/);
  await expect(page.locator('#start')).toBeFocused();
  expect(await demo.deviceCalls()).not.toContain('getUserMedia');
});

test('the camera runs while its sign can be seen, and withdrawing consent ends it at once [TAF-5.1f][MEG-withdraw]', async ({ demo, page }) => {
  await demo.openAndAgree();
  await demo.start('camera');
  await demo.playing();
  await expect(page.locator('#stage-state')).toHaveText(/Live/);
  await expect(page.locator('#save')).toBeHidden();
  expect((await demo.deviceCalls()).filter((call) => call === 'getUserMedia')).toHaveLength(1);
  const track = await page.locator('#video').evaluateHandle((video: HTMLVideoElement) => (video.srcObject as MediaStream).getVideoTracks()[0]!);

  await page.locator('footer').scrollIntoViewIfNeeded();
  await expect(page.locator('#stage-state')).toHaveText(/out of sight/);
  await page.locator('#stage').scrollIntoViewIfNeeded();
  await expect(page.locator('#stage-state')).toHaveText(/Live/);

  await page.locator('#withdraw').click();
  await expect(page.locator('#refused')).toBeVisible();
  await expect.poll(() => track.evaluate(({ readyState }) => readyState)).toBe('ended');
});

test('on a phone the stage comes into view when the camera starts, and its sign with it', async ({ demo, page }) => {
  await page.setViewportSize({ width: 390, height: 420 });
  await demo.openAndAgree();
  await demo.start('clip');
  await demo.playing();
  await page.locator('input[name=source][value=camera]').check();
  await expect(page.locator('#indicator')).not.toBeInViewport();
  await page.locator('#start').click();
  await expect(page.locator('#stage-state')).toHaveText(/Live/, { timeout: 20_000 });
  await page.locator('#stop').click();
  await demo.start('camera');
  await demo.playing();
  await expect(page.locator('#stage-state')).toHaveText(/Live/);
  await expect(page.locator('#indicator')).toBeInViewport({ ratio: 1 });
});

test('a picture of one\'s own is shown redacted', async ({ demo, page }) => {
  await demo.openAndAgree('saving');
  await page.locator('input[name=source][value=file]').check();
  await page.locator('#start').click();
  await expect(page.locator('#source-problem')).not.toBeEmpty();
  const photo = new URL('../../node_modules/@vladmandic/face-api/demo/sample1.jpg', import.meta.url);
  await page.locator('#file').setInputFiles(photo.pathname);
  await page.locator('#start').click();
  await expect(page.locator('#picture')).toBeVisible({ timeout: 40_000 });
  await expect(page.locator('#stage-note')).toHaveText(/: [1-9]/);
  const size = await page.locator('#picture').evaluate((canvas: HTMLCanvasElement) => [canvas.width, canvas.height]);
  expect(size).toEqual([1920, 1280]);
  const download = page.waitForEvent('download');
  await page.locator('#save').click();
  expect((await download).suggestedFilename()).toMatch(/\.png$/);
  await page.locator('#stop').click();
  await expect(page.locator('#picture')).toBeHidden();
});

test('a start can be cancelled, and a file that is no video says so', async ({ demo, page }) => {
  await demo.openAndAgree();
  await demo.start('clip');
  await page.locator('#cancel').click();
  await expect(page.locator('#idle')).toBeVisible();
  await page.locator('input[name=source][value=file]').check();
  await page.locator('#file').setInputFiles({ name: 'notes.webm', mimeType: 'video/webm', buffer: Buffer.from('no video at all') });
  await page.locator('#start').click();
  await expect(page.locator('#failure-code')).toHaveText(/ERR_SOURCE_UNSUPPORTED/, { timeout: 30_000 });
  await expect(page.locator('#try-clip')).toBeVisible();
});
