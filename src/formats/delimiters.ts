/** What separates columns, by the names that people give it on the command line. */
export const DELIMITER_NAMES = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const
