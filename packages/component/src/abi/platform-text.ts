/** The platform's coders of text, which not every host has. */
interface Platform {
  readonly TextDecoder?: new (
    label: string,
    options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string };
  readonly TextEncoder?: new () => { encode(text: string): Uint8Array };
}

const { TextDecoder, TextEncoder } = globalThis as Platform;

/** Decodes well-formed UTF-8, and throws for anything else. */
export const utf8Decoder: { decode(bytes: Uint8Array): string } | undefined =
  TextDecoder && new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Encodes as UTF-8. */
export const utf8Encoder: { encode(text: string): Uint8Array } | undefined = TextEncoder && new TextEncoder();
