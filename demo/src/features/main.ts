import { BautaIndicator, defineIndicator } from 'bauta/elements';
import { part } from '../dom.ts';
import { Language } from '../language.ts';
import { openPage } from '../page.ts';
import { FeaturesStudio } from './features-studio.ts';
import { featuresNotice } from './notice.ts';
import { People } from './people.ts';

defineIndicator();

const language = new Language();
const people = new People();

openPage({
  language,
  notice: featuresNotice(),
  dataSubject: people.current,
  purpose: 'comparison',
  open: (consent, frame) => {
    const indicator = part('indicator', BautaIndicator);
    indicator.notice = consent.notice;
    return new FeaturesStudio(language, consent, indicator, people, frame);
  },
});
