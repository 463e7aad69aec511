/**
 * A file of a run while it is being written.
 *
 * Text goes in, compressed or not, and lands under the partial name; only `publish` gives it its own. Everything that
 * can go wrong with a disk comes out of `write` and `close` as an error for the user that names the file and says how
 * much of it was written.
 */
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { constants, createGzip, type Gzip } from "node:zlib";
import { environmentNotReady, type SquallError } from "../core/errors.ts";
import { partialName } from "./folder.ts";

export interface PartialFileOptions {
  readonly gzip: boolean;
  /** Largest size on disk; reached, the file fails with `file-too-large`. What is buffered may still be added. */
  readonly bytesMax: number;
  readonly openFile: OpenFile;
}

/** Opens a file for writing. A parameter, so that a test can bring a disk that is full. */
export type OpenFile = (path: string) => WriteStream;

export interface PartialFile {
  /** Resolves when the file is there, rejects when it cannot be made. */
  readonly opened: () => Promise<void>;
  /** Takes text; resolves when there is room for more, rejects when the file cannot be written. */
  readonly write: (text: string) => Promise<void>;
  /** Resolves when everything is on disk, under the partial name. */
  readonly close: () => Promise<void>;
  /** Gives a closed file its name, replacing what had it. */
  readonly publish: () => Promise<void>;
  /** Closes it and removes what was written. */
  readonly discard: () => Promise<void>;
}

/** Written data reaches the disk, not only the system's memory, before the stream closes. */
export const openForWriting: OpenFile = (path) => createWriteStream(path, { flags: "w", flush: true });

const roomNow = Promise.resolve();

/** Text is handed on in pieces of about this many characters: handing each line to zlib costs ten times its compression. */
const pieceLength = 64 * 1024;

export function partialFile(path: string, options: PartialFileOptions): PartialFile {
  const partialPath = partialName(path);
  const sink = options.openFile(partialPath);
  const gzip = options.gzip ? fastGzip() : undefined;
  const head = gzip ?? sink;
  const closed = new Promise<void>((resolve) => sink.once("close", resolve));
  /** Resolves when nothing more will be written: with what went wrong, or undefined. */
  const settled = (gzip === undefined ? once(sink, "close") : pipeline(gzip, sink)).then(
    () => undefined,
    (cause: unknown) => asUserError(cause, path, sink.bytesWritten),
  );
  /** What went wrong, once it has. */
  let failure: unknown;
  void settled.then((cause) => {
    failure = cause;
  });
  const opening = once(sink, "open").then(
    () => undefined,
    () => settled,
  );
  let piece = "";
  let drained: Promise<void> | undefined;

  const untilDrained = async (): Promise<void> => {
    const drain = once(head, "drain").then(
      () => undefined,
      () => settled,
    );
    const cause = await Promise.race([drain, settled]);
    drained = undefined;
    if (cause !== undefined) throw cause;
  };
  return {
    opened: async () => {
      const cause = await opening;
      if (cause !== undefined) throw cause;
    },
    write: (text) => {
      if (failure !== undefined) return Promise.reject(failure);
      if (sink.bytesWritten > options.bytesMax) {
        head.destroy(tooLarge(path, options.bytesMax));
        return settled.then((cause) => Promise.reject(cause));
      }
      piece += text;
      if (piece.length < pieceLength) return drained ?? roomNow;
      const hasRoom = head.write(piece);
      piece = "";
      if (hasRoom) return roomNow;
      return (drained ??= untilDrained());
    },
    close: async () => {
      head.end(piece);
      const cause = await settled;
      if (cause !== undefined) throw cause;
    },
    publish: () => rename(partialPath, path),
    discard: async () => {
      head.destroy();
      sink.destroy();
      await closed;
      await rm(partialPath, { force: true });
    },
  };
}

/**
 * Level 1: a live run shares its processors with the load generator, and records shrink by nine tenths already. Node
 * writes no time into the header, so equal records are equal bytes, on one version of zlib.
 */
function fastGzip(): Gzip {
  return createGzip({ level: constants.Z_BEST_SPEED });
}

function tooLarge(path: string, bytesMax: number): SquallError {
  return environmentNotReady(`${path} has reached its limit of ${bytesMax} bytes`, {
    code: "file-too-large",
    hint: "record less: a shorter run, or a smaller window of the trace",
  });
}

/** The error for a file system's refusal to write. Anything else passes unchanged: it is our bug. */
export function asUserError(cause: unknown, path: string, bytesWritten: number): unknown {
  if (!(cause instanceof Error) || !("syscall" in cause) || !("code" in cause)) return cause;
  const code = String(cause.code);
  const full = code === "ENOSPC" || code === "EDQUOT";
  const why = reasonsInWords[code] ?? code;
  const after = bytesWritten === 0 ? "" : ` (after ${bytesWritten} bytes)`;
  return environmentNotReady(`${path} could not be written: ${why}${after}`, {
    code: full ? "disk-full" : "cannot-write",
    hint: full
      ? "free some space, or choose a folder on another disk with --out"
      : "choose a folder that you may write to with --out",
    cause,
  });
}

const reasonsInWords: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk is full for this user",
  EACCES: "this user may not write there",
  EPERM: "the system does not allow it",
  EROFS: "the disk is read-only",
  EISDIR: "there is a folder of that name",
  EEXIST: "there is a file where a folder is needed",
  ENOTDIR: "there is a file where a folder is needed",
  ENOENT: "its folder is not there, and cannot be made",
  ENAMETOOLONG: "the name is too long",
};
