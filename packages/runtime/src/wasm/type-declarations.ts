import { type DefinedType, mapComposite, type RecursionGroup } from "./type-registry.ts";
import { heapTypeOfIndex, isTypeIndex, type StorageType, type SubType, typeIndexOf } from "./types.ts";

/** Types as a module declares them, and where each stands. */
export interface TypeDeclarations {
  readonly types: SubType[];
  readonly indices: ReadonlyMap<DefinedType, number>;
}

/**
 * Declares defined types in a module of their own: the other way round from `defineTypes`, which makes the same types of the result.
 *
 * @returns declarations of `wanted`, of their recursion groups, and of all that these use
 */
export function declareTypes(wanted: readonly DefinedType[]): TypeDeclarations {
  const types: SubType[] = [];
  const indices = new Map<DefinedType, number>();
  for (const group of groupsOf(wanted)) {
    const groupStart = types.length;
    const groupSize = group.members.length;
    group.members.forEach((member, i) => {
      indices.set(member, groupStart + i);
    });
    for (const { final, supertype, composite, context } of group.members) {
      const ownIndex = (type: StorageType): StorageType =>
        isTypeIndex(type) ? (type & 0x3ff) | heapTypeOfIndex(indices.get(context[typeIndexOf(type)]) as number) : type;
      const supertypes = supertype === undefined ? [] : [indices.get(supertype) as number];
      types.push({ final, supertypes, composite: mapComposite(composite, ownIndex), groupStart, groupSize });
    }
  }
  return { types, indices };
}

/** The groups of the types and all that they use, each after those that it uses. A chain of them may be longer than JavaScript's stack. */
function groupsOf(wanted: readonly DefinedType[]): Set<RecursionGroup> {
  const ordered = new Set<RecursionGroup>();
  const entered = new Set<RecursionGroup>();
  const waiting = wanted.map(({ group }) => group).reverse();
  for (let group = waiting.pop(); group !== undefined; group = waiting.pop()) {
    if (entered.has(group)) {
      ordered.add(group);
      continue;
    }
    entered.add(group);
    waiting.push(group);
    for (const { group: used } of group.members[0].context) if (!entered.has(used)) waiting.push(used);
  }
  return ordered;
}
