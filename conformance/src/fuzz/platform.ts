/** As much of the platform's own WebAssembly as is used here; the types of Node do not have it. */
interface PlatformWebAssembly {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly RuntimeError: new () => Error;
  readonly Tag: new (type: { parameters: string[] }) => object;
  readonly Exception: new (tag: unknown, payload: unknown[]) => Error;
  /** Absent on older platforms. */
  readonly JSTag?: object;
}

export const platform: PlatformWebAssembly = (globalThis as unknown as { WebAssembly: PlatformWebAssembly })
  .WebAssembly;
