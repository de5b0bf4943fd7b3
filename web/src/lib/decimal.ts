/** Decimal text as people type it: what they mean, with every digit. */

/** Whether it is a number that the database takes, such as `0.15`. */
export const isDecimal = (text: string): boolean => /^\d+(\.\d+)?$/.test(text.trim())
