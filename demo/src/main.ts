import { BautaIndicator, defineIndicator } from 'bauta/elements';
import { pseudonym } from './consent.ts';
import { part } from './dom.ts';
import { enterKiosk } from './kiosk.ts';
import { Language } from './language.ts';
import { demoNotice } from './notice.ts';
import { openPage } from './page.ts';
import { Studio } from './studio.ts';

defineIndicator();

const language = new Language();
const indicator = part('indicator', BautaIndicator);
if (new URLSearchParams(location.search).has('kiosk')) enterKiosk(indicator);

openPage({
  language,
  notice: demoNotice(),
  dataSubject: pseudonym('bauta-demo.subject'),
  purpose: 'live-redacted-view',
  open: (consent, frame) => {
    indicator.notice = consent.notice;
    return new Studio(language, consent, indicator, {
      announce: (text) => { frame.announce(text); },
      onConsentNeeded: () => { frame.follow(); },
      onCapturing: (capturing) => { language.mark = capturing ? '● ' : ''; },
    });
  },
});
