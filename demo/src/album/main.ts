import { pseudonym } from '../consent.ts';
import { Language } from '../language.ts';
import { openPage } from '../page.ts';
import { AlbumStudio } from './album-studio.ts';
import { albumNotice } from './notice.ts';

const language = new Language();

openPage({
  language,
  notice: albumNotice(),
  dataSubject: pseudonym('bauta-demo.album-subject'),
  purpose: 'album-grouping',
  open: (consent, frame) => new AlbumStudio(language, consent, frame),
});
