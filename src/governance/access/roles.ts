/** Who somebody is to the recordings. `subject`: a person in them; the others are staff. Closed. */
export const ROLES = Object.freeze(['subject', 'reviewer', 'supervisor', 'auditor', 'administrator'] as const);

/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];

/** What can be done. Closed: whatever is not named here is allowed to nobody. */
export const ACTIONS = Object.freeze([
  'list', 'play', 'annotate', 'decide', 'read', 'issue', 'close', 'request', 'approve', 'unmask', 'revoke', 'hold', 'release', 'share', 'export', 'handle', 'erase', 'appoint', 'configure',
] as const);

/** One of {@link ACTIONS}. */
export type Action = (typeof ACTIONS)[number];

/** What it can be done to. Closed. */
export const RESOURCE_KINDS = Object.freeze(['recording', 'work-order', 'unmask-request', 'audit-log', 'rights-request', 'retention', 'incident', 'directory'] as const);

/** One of {@link RESOURCE_KINDS}. */
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/**
 * A condition on a field of the resource: `self` is the one who acts (the field's value, or one of the values of a
 * list), `other` anybody else.
 */
export type Condition = Readonly<Record<string, 'self' | 'other'>>;

/** One permission. Several make up a role; there are no prohibitions, since nothing is allowed that is not named. */
export interface Permission {
  readonly action: Action | readonly Action[];
  readonly resource: ResourceKind;
  readonly when?: Condition;
}

/**
 * What each role may do (TAF-5.3b, MEG-audit). Nobody may see recordings and appoint staff, nobody may audit what they
 * do themselves, nobody approves a request of their own. `play` means redacted media: a face is uncovered by `judgeUnmask`
 * alone, for which a role is one factor of many.
 */
export const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = frozen({
  subject: [
    { action: ['list', 'play', 'export'], resource: 'recording', when: { dataSubject: 'self' } },
    { action: ['request', 'read'], resource: 'rights-request', when: { dataSubject: 'self' } },
  ],
  reviewer: [
    { action: ['list', 'play', 'annotate', 'decide'], resource: 'recording' },
    { action: 'read', resource: 'work-order', when: { assignedTo: 'self' } },
    { action: 'request', resource: 'unmask-request', when: { assignedTo: 'self' } },
    { action: ['read', 'unmask'], resource: 'unmask-request', when: { requestedBy: 'self' } },
  ],
  supervisor: [
    { action: ['list', 'play', 'annotate', 'decide', 'share'], resource: 'recording' },
    { action: ['read', 'issue', 'close'], resource: 'work-order' },
    { action: ['read', 'revoke'], resource: 'unmask-request' },
    { action: 'approve', resource: 'unmask-request', when: { requestedBy: 'other' } },
    { action: ['read', 'hold', 'release'], resource: 'retention' },
    { action: ['read', 'handle'], resource: 'rights-request', when: { dataSubject: 'other' } },
    { action: 'read', resource: 'incident' },
  ],
  auditor: [
    { action: 'list', resource: 'recording' },
    { action: 'read', resource: 'work-order' },
    { action: 'read', resource: 'unmask-request' },
    { action: ['read', 'export'], resource: 'audit-log' },
    { action: 'read', resource: 'rights-request' },
    { action: 'read', resource: 'retention' },
    { action: 'read', resource: 'incident' },
  ],
  administrator: [
    { action: ['read', 'appoint'], resource: 'directory', when: { staffId: 'other' } },
    { action: ['read', 'configure'], resource: 'retention' },
    { action: 'revoke', resource: 'unmask-request' },
    { action: ['read', 'handle'], resource: 'incident' },
    { action: 'read', resource: 'rights-request' },
  ],
});

/** Roles that one person must not hold together. */
export const INCOMPATIBLE_ROLES: readonly (readonly [Role, Role])[] = frozen([
  ['auditor', 'reviewer'],
  ['auditor', 'supervisor'],
  ['auditor', 'administrator'],
  ['administrator', 'reviewer'],
  ['administrator', 'supervisor'],
  ['subject', 'reviewer'],
  ['subject', 'supervisor'],
  ['subject', 'auditor'],
  ['subject', 'administrator'],
] as const);

/** True for a list of one or more different roles that go together. */
export function areRoles(value: unknown): value is readonly Role[] {
  if (!Array.isArray(value) || value.length === 0 || new Set(value).size !== value.length) return false;
  return value.every((role) => (ROLES as readonly unknown[]).includes(role)) && !INCOMPATIBLE_ROLES.some((pair) => pair.every((role) => value.includes(role)));
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}
