import { PERMISSIONS } from 'bauta/review';
import { part } from '../dom.ts';
import type { Language } from '../language.ts';
import { PEOPLE } from './directory.ts';
import { make } from './make.ts';

/** The administrator's table: who works here, in which role, and what the roles may do, as the library has it. */
export class StaffView {
  constructor(language: Language) {
    language.follow(() => {
      part('staff', HTMLOListElement).replaceChildren(
        ...PEOPLE.map(({ staffId, roles }) =>
          make(
            'li',
            { class: 'row-card' },
            make('span', { class: 'row-head' }, make('b', { text: language.text(`vPerson_${staffId}`) }), make('span', { class: 'tags' }, ...roles.map((role) => make('span', { class: 'tag', text: language.text(`vRole_${role}`) })))),
            make('small', { text: `${staffId} · ${roles.flatMap((role) => PERMISSIONS[role]).map(({ action, resource }) => `${resource}: ${[action].flat().join(', ')}`).join(' · ')}` }),
          ),
        ),
      );
    });
  }
}
