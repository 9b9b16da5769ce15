import { CompileError, type ErrorPlace } from "@wardian/runtime/internal";
import type { ComponentFeature } from "./model/features.ts";

/** The component uses a part of the Component Model that is switched off. */
export class ComponentFeatureError extends CompileError {
  /** The feature that it needs. */
  readonly feature: ComponentFeature;

  constructor(feature: ComponentFeature, what: string, place: ErrorPlace) {
    super(`${what} needs the feature "${feature}", which is off`, place);
    this.feature = feature;
  }
}
