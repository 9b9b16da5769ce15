import { defaultFeatures, type FeatureSet, type SourcePosition, SourceText, TOKEN } from "@wardian/runtime/internal";
import type { Component } from "../model/definitions.ts";
import { finishComponent, parseComponentFields } from "./fields.ts";
import { ComponentText } from "./reader.ts";
import { readIdentifier } from "./scope.ts";

/** A component read from text. Its definitions have offsets in the text for their places. */
export interface ParsedComponent {
  readonly component: Component;
  /** The line and column of an offset in the text, for `validateComponent`. */
  positionAt(at: number): SourcePosition;
}

/**
 * Reads a component in the text format (Explainer): `(component …)`, or its fields alone. Types, aliases and instances that are written where
 * they are used become definitions of their own, before the definition that uses them.
 *
 * @param features the core's features, some of which change what a literal in a core module may be
 * @throws MalformedError with line and column, and what was expected there
 */
export function parseComponent(source: string, features: FeatureSet = defaultFeatures): ParsedComponent {
  const text = new ComponentText(new SourceText(source), features);
  const { cursor } = text;
  const wrapped = cursor.takeOpen("component");
  const id = wrapped ? readIdentifier(cursor) : undefined;
  const name = id?.label ?? id?.name;
  const { scope } = text.within("component", id?.name, () => parseComponentFields(text));
  if (wrapped) cursor.close();
  if (cursor.kind() !== TOKEN.end) cursor.unexpected("the end of the text");
  cursor.annotations.checkTaken(0, cursor.pos);
  return { component: finishComponent(scope, name), positionAt: (at) => cursor.source.positionAt(at) };
}
