declare module 'html-encoding-sniffer' {
  /** The name of the encoding of a page's bytes, by the sniffing algorithm of the HTML Standard. */
  export default function sniff(
    bytes: Uint8Array,
    options: { transportLayerEncodingLabel?: string; defaultEncoding?: string },
  ): string
}
