/** What a server is started with. */
export interface EmbeddedOptions {
  home: string
  /** It leaves when it has had nothing to do for that long. */
  idle_ms: number
  /** How long a client may keep an idle transaction open while others wait; 30 seconds when left out. */
  patience_ms?: number
}
