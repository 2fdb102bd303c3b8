import { openFaceAlbum } from 'bauta/album';
import { openFaceFeatures } from 'bauta/features';
import { grantFrom, openLedger } from '/consent.mjs';
import { fetchBlob } from './frames.mjs';

/** An album through the public entries, of a person who agreed to it. @param {string} name */
export async function openAlbumOf(name) {
  const ledger = await openLedger({ scene: 'processing', purposes: ['album-grouping'] });
  const features = await openFaceFeatures({ grant: await grantFrom(ledger, 'album-grouping') });
  const album = await openFaceAlbum(features, { name });
  return {
    /** @param {string[]} urls @param {(done: number) => void} onPicture */
    async add(urls, onPicture) {
      const pictures = await Promise.all(urls.map(async (url) => ({ pictureId: url, picture: await fetchBlob(url), mayBeGrouped: true })));
      const startMs = performance.now();
      let readMs = 0;
      const { added, skipped } = await album.add(pictures, {
        onProgress({ phase, done }) {
          if (phase === 'reading') {
            onPicture(done);
            readMs = performance.now() - startMs;
          }
        },
      });
      const ms = performance.now() - startMs;
      return { ms, readMs, added: added.length, skipped: skipped.map(({ pictureId, error }) => `${pictureId}: ${error.code}`), faces: album.faces().length, groups: album.groups().length };
    },
    async close() {
      await album.erase();
      await features.close();
      await ledger.close();
    },
  };
}
