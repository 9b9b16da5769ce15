/** The sorts of core definitions, each with an index space of its own (Explainer, "Index Spaces"). */
export const coreSorts = ["func", "table", "memory", "global", "tag", "type", "module", "instance"] as const;

export type CoreSort = (typeof coreSorts)[number];

/** The sorts of component definitions. */
export const componentSorts = ["func", "value", "type", "component", "instance"] as const;

export type ComponentSort = (typeof componentSorts)[number];

/** Any of the thirteen sorts; those of the core carry the prefix that the text format writes. */
export type Sort = ComponentSort | `core ${CoreSort}`;

/** The thirteen sorts. */
export const sorts: readonly Sort[] = [...componentSorts, ...coreSorts.map((sort) => `core ${sort}` as const)];

/** A definition: its sort, and its index in that sort's index space. */
export interface SortIndex {
  readonly sort: Sort;
  readonly index: number;
}

/** A core definition: the same within the core index spaces. */
export interface CoreSortIndex {
  readonly sort: CoreSort;
  readonly index: number;
}
