import { Ability, type RawRuleFrom } from '@casl/ability';
import { FacePrivacyError } from '../../core/errors.ts';
import { ACTIONS, PERMISSIONS, RESOURCE_KINDS, type Action, type Condition, type ResourceKind, type Role } from './roles.ts';

/** Who acts. */
export interface Actor {
  readonly staffId: string;
  readonly roles: readonly Role[];
}

/** What is acted on: its kind, and the fields that conditions speak of. */
export interface Resource {
  readonly kind: ResourceKind;
  readonly dataSubject?: string;
  readonly staffId?: string;
  readonly requestedBy?: string;
  readonly assignedTo?: readonly string[];
}

type Rules = RawRuleFrom<[Action, ResourceKind | Resource], Condition>[];

/**
 * Whether `actor` may do this. Everything that {@link PERMISSIONS} does not name, for a role that the actor holds and on a
 * resource that meets the condition, is denied (TAF-5.3b).
 */
export function may(actor: Actor, action: Action, resource: Resource): boolean {
  // The library has wildcards for both; nobody here has.
  if (!ACTIONS.includes(action) || !RESOURCE_KINDS.includes(resource.kind)) return false;
  const rules: Rules = actor.roles.flatMap((role) =>
    (Object.hasOwn(PERMISSIONS, role) ? PERMISSIONS[role] : []).map(({ action: actions, resource: subject, when }) => ({
      action: typeof actions === 'string' ? actions : [...actions],
      subject,
      ...(when === undefined ? {} : { conditions: when }),
    })),
  );
  const ability = new Ability<[Action, ResourceKind | Resource], Condition>(rules, {
    detectSubjectType: ({ kind }) => kind,
    conditionsMatcher: (condition) => (target: object) => meets(condition, target as Resource, actor),
  });
  return ability.can(action, resource);
}

/** Throws unless `actor` {@link may}. @throws FacePrivacyError ERR_ACCESS_DENIED. */
export function assertMay(actor: Actor, action: Action, resource: Resource): void {
  if (may(actor, action, resource)) return;
  throw new FacePrivacyError('ERR_ACCESS_DENIED', `The roles of this person (${actor.roles.join(', ')}) do not allow '${action}' on this ${resource.kind}.`, {
    details: { action, resource: resource.kind },
  });
}

/** Ids differ in case between systems, and one person must not pass for two. */
export function samePerson(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** A field that is missing meets nothing. */
function meets(condition: Condition, resource: Resource, { staffId }: Actor): boolean {
  return Object.entries(condition).every(([field, who]) => {
    const value = Object.hasOwn(resource, field) ? resource[field as keyof Resource] : undefined;
    const people = typeof value === 'string' ? [value] : Array.isArray(value) ? (value as readonly string[]) : [];
    if (people.length === 0) return false;
    return who === 'self' ? people.some((person) => samePerson(person, staffId)) : people.every((person) => !samePerson(person, staffId));
  });
}
