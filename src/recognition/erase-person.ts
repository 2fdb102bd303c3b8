import { ConsentGrant } from '../governance/consent/grant.ts';
import { tellGalleries } from './gallery-tabs.ts';
import { GalleryVault, VAULT_NAMES } from '../vault/gallery-vault.ts';

/**
 * @internal Erases the person of a grant from every gallery of this origin, open or not: their consent is over (MEG-withdraw).
 * @throws FacePrivacyError ERR_STORAGE_FAILED; what is left is swept when its gallery is opened next, before anything is used.
 */
export async function erasePersonEverywhere(grant: ConsentGrant): Promise<void> {
  // Where nothing was ever kept, nothing is made.
  const databases = await indexedDB.databases();
  if (!databases.some(({ name }) => name === VAULT_NAMES.identities)) return;
  const vault = await GalleryVault.open();
  try {
    for (const { galleryId, templateIds } of await vault.erasePerson(grant.dataSubject)) {
      tellGalleries(galleryId);
      await ConsentGrant.note(grant, 'template.removed', { galleryId, templates: templateIds.length, cause: 'consent-over' });
    }
  } finally {
    vault.close();
  }
}
