/**
 * Comma-separated values as spreadsheets and databases write them (RFC 4180): fields in double quotes may hold commas, quotes
 * (doubled) and line breaks. Fed a line at a time; a record that runs on over too many lines is an error of the file.
 */

export interface CsvReader {
  /** The next line, without its break: the fields of the record that it ends, or undefined while one runs on. */
  readonly line: (text: string) => readonly string[] | undefined;
  /** Whether a record has begun that no line has ended. */
  readonly isOpen: () => boolean;
}

/** Characters of one record: what a log of prompts may hold. */
export const csvRecordCharactersMax = 16_777_216;

export function csvReader(separator = ","): CsvReader {
  let open = "";
  return {
    isOpen: () => open !== "",
    line: (text) => {
      const record = open === "" ? text : `${open}\n${text}`;
      const fields = fieldsOf(record, separator);
      open = fields === undefined && record.length <= csvRecordCharactersMax ? record : "";
      return fields;
    },
  };
}

/** Undefined: the last quote is not closed. */
function fieldsOf(record: string, separator: string): readonly string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (record[at] === '"') {
      const end = closingQuote(record, at + 1);
      if (end === -1) return undefined;
      fields.push(record.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
      const next = record.indexOf(separator, at);
      if (next === -1) return fields;
      at = next + 1;
    } else {
      const end = record.indexOf(separator, at);
      fields.push((end === -1 ? record.slice(at) : record.slice(at, end)).trim());
      if (end === -1) return fields;
      at = end + 1;
    }
  }
}

function closingQuote(record: string, from: number): number {
  for (let at = record.indexOf('"', from); at !== -1; at = record.indexOf('"', at + 2)) {
    if (record[at + 1] !== '"') return at;
  }
  return -1;
}
