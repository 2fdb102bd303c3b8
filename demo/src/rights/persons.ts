import type { Notice } from 'bauta';
import { albumNotice } from '../album/notice.ts';
import { pseudonym } from '../consent.ts';
import { featuresNotice } from '../features/notice.ts';
import { People } from '../features/people.ts';
import { demoNotice } from '../notice.ts';
import { recall, remember } from '../preferences.ts';

/** Somebody whom a page of this browser knows, by that page's own random number. */
export interface Person {
  readonly page: 'capture' | 'features' | 'album';
  /** Among those of the page; 1, 2, 3 … */
  readonly number: number;
  readonly dataSubject: string;
  /** What that page told them. */
  readonly notice: Notice;
  /** The page begins with a new number the next time. */
  forget(): void;
}

/** Everybody whom the pages know; somebody new of the first page where nobody was here yet. */
export function persons(): Person[] {
  const capture: Person = { page: 'capture', number: 1, dataSubject: pseudonym('bauta-demo.subject'), notice: demoNotice(), forget: () => { remember('bauta-demo.subject', null); } };
  const features = recall('bauta-demo.people') === null ? [] : new People().all.map((dataSubject, index): Person => ({
    page: 'features', number: index + 1, dataSubject, notice: featuresNotice(), forget: () => { new People().forget(dataSubject); },
  }));
  const album: Person[] = recall('bauta-demo.album-subject') === null ? [] : [
    { page: 'album', number: 1, dataSubject: pseudonym('bauta-demo.album-subject'), notice: albumNotice(), forget: () => { remember('bauta-demo.album-subject', null); } },
  ];
  return [capture, ...features, ...album];
}
