/** Writes one file that a user asked for: whole or not at all, its folder made if need be. */
import path from "node:path";
import { makeFolder } from "../runs/make-folder.ts";
import { asUserError, openForWriting, partialFile } from "../runs/partial-file.ts";
import { fileBytesMax } from "../runs/writer.ts";

/** Replaces what is there. Throws `disk-full` or `cannot-write`. */
export async function writeOutputFile(file: string, text: string): Promise<void> {
  try {
    await makeFolder(path.dirname(file));
    const output = partialFile(file, { gzip: false, bytesMax: fileBytesMax, openFile: openForWriting });
    try {
      await output.write(text);
      await output.close();
      await output.publish();
    } catch (cause) {
      await output.discard();
      throw cause;
    }
  } catch (cause) {
    throw asUserError(cause, file, 0);
  }
}
