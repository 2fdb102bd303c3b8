import { describe, expect, it } from 'vitest';
import { assertMay, may, samePerson, type Resource } from './permission.ts';
import { ACTIONS, areRoles, INCOMPATIBLE_ROLES, PERMISSIONS, RESOURCE_KINDS, ROLES, type Action, type Role } from './roles.ts';

const self = { dataSubject: 'me', staffId: 'me', requestedBy: 'me', assignedTo: ['you', 'ME'] };
const other = { dataSubject: 'you', staffId: 'you', requestedBy: 'you', assignedTo: ['you'] };

/** Everything that is allowed, written down a second time: role, resource, actions on what is one's own, on others'. */
const TABLE: readonly [Role, Resource['kind'], string, string][] = [
  ['subject', 'recording', 'list play export', ''],
  ['subject', 'rights-request', 'request read', ''],
  ['reviewer', 'recording', 'list play annotate decide', 'list play annotate decide'],
  ['reviewer', 'work-order', 'read', ''],
  ['reviewer', 'unmask-request', 'request read unmask', ''],
  ['supervisor', 'recording', 'list play annotate decide share', 'list play annotate decide share'],
  ['supervisor', 'work-order', 'read issue close', 'read issue close'],
  ['supervisor', 'unmask-request', 'read revoke', 'read revoke approve'],
  ['supervisor', 'retention', 'read hold release', 'read hold release'],
  ['supervisor', 'rights-request', '', 'read handle'],
  ['supervisor', 'incident', 'read', 'read'],
  ['auditor', 'recording', 'list', 'list'],
  ['auditor', 'work-order', 'read', 'read'],
  ['auditor', 'unmask-request', 'read', 'read'],
  ['auditor', 'audit-log', 'read export', 'read export'],
  ['auditor', 'rights-request', 'read', 'read'],
  ['auditor', 'retention', 'read', 'read'],
  ['auditor', 'incident', 'read', 'read'],
  ['administrator', 'directory', '', 'read appoint'],
  ['administrator', 'retention', 'read configure', 'read configure'],
  ['administrator', 'unmask-request', 'revoke', 'revoke'],
  ['administrator', 'incident', 'read handle', 'read handle'],
  ['administrator', 'rights-request', 'read', 'read'],
];

describe('roles and permissions [TAF-5.3b, MEG-audit]', () => {
  it('allow what the table says and deny every other of all combinations', () => {
    for (const role of ROLES) {
      for (const kind of RESOURCE_KINDS) {
        const [, , own = '', others = ''] = TABLE.find((row) => row[0] === role && row[1] === kind) ?? [];
        for (const action of ACTIONS) {
          const actor = { staffId: 'me', roles: [role] };
          expect(may(actor, action, { kind, ...self }), `${role} ${action} own ${kind}`).toBe(own.split(' ').includes(action));
          expect(may(actor, action, { kind, ...other }), `${role} ${action} other ${kind}`).toBe(others.split(' ').includes(action));
        }
      }
    }
  });

  it('deny by default: no role, an unknown one, an unknown action, an unknown resource, a wildcard, a missing field', () => {
    expect(may({ staffId: 'me', roles: [] }, 'list', { kind: 'recording' })).toBe(false);
    for (const role of ['root', 'toString', '__proto__']) expect(may({ staffId: 'me', roles: [role as Role] }, 'list', { kind: 'recording' })).toBe(false);
    const supervisor = { staffId: 'me', roles: ['supervisor'] as const };
    for (const action of ['manage', 'all', 'crud', '']) expect(may(supervisor, action as Action, { kind: 'recording' })).toBe(false);
    for (const kind of ['all', 'face', '']) expect(may(supervisor, 'list', { kind: kind as 'recording' })).toBe(false);
    expect(may({ staffId: 'me', roles: ['reviewer'] }, 'unmask', { kind: 'unmask-request' })).toBe(false);
    expect(may(supervisor, 'approve', { kind: 'unmask-request' })).toBe(false);
    expect(may(supervisor, 'approve', Object.assign(Object.create({ requestedBy: 'you' }) as object, { kind: 'unmask-request' as const }))).toBe(false);
  });

  it('go by the kind that a resource states, whatever else is hung on it', () => {
    const disguised = { kind: 'audit-log', __caslSubjectType__: 'recording' } as Resource;
    expect(may({ staffId: 'me', roles: ['reviewer'] }, 'list', disguised)).toBe(false);
  });

  it('nobody approves a request of their own, however the name is written', () => {
    expect(samePerson('Sue', 'sue')).toBe(true);
    const sue = { staffId: 'sue', roles: ['reviewer', 'supervisor'] as const };
    expect(may(sue, 'approve', { kind: 'unmask-request', requestedBy: 'SUE' })).toBe(false);
    expect(may(sue, 'approve', { kind: 'unmask-request', requestedBy: 'rita' })).toBe(true);
  });

  it('a refusal is a typed error that names no person', () => {
    const deny = (): void => { assertMay({ staffId: 'me', roles: ['auditor'] }, 'play', { kind: 'recording' }); };
    expect(deny).toThrow(expect.objectContaining({ code: 'ERR_ACCESS_DENIED', details: { action: 'play', resource: 'recording' } }));
    expect(() => { assertMay({ staffId: 'me', roles: ['reviewer'] }, 'play', { kind: 'recording' }); }).not.toThrow();
  });

  it('keep duties apart: nobody audits or appoints what they review', () => {
    expect(areRoles(['reviewer', 'supervisor'])).toBe(true);
    for (const pair of INCOMPATIBLE_ROLES) expect(areRoles([...pair]), pair.join()).toBe(false);
    for (const none of [[], ['reviewer', 'reviewer'], ['root'], 'reviewer', null]) expect(areRoles(none)).toBe(false);
  });

  it('cannot be changed at run time', () => {
    expect(() => { (PERMISSIONS.auditor as { action: string; resource: string }[]).push({ action: 'play', resource: 'recording' }); }).toThrow(TypeError);
    expect(() => { (PERMISSIONS as Record<string, unknown>)['root'] = []; }).toThrow(TypeError);
  });
});
