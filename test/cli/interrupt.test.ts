import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { catchInterrupts, type Interrupts } from "../../cli/interrupt.ts";
import { type Listening, listeningTerminal } from "./listening-terminal.ts";

let terminal: Listening;
let interrupts: Interrupts;
const exit = vi.spyOn(process, "exit");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  exit.mockReset().mockImplementation(() => {
    throw new Error("the process would have ended");
  });
  terminal = listeningTerminal();
  interrupts = catchInterrupts(terminal);
});

afterEach(() => {
  interrupts.release();
  vi.useRealTimers();
});

describe("catchInterrupts", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("asks the work to end on %s, and says which it was", (name) => {
    process.emit(name, name);
    expect(interrupts.signal).toMatchObject({ aborted: true, reason: name });
    expect(terminal.printed().err).toBe("\nsquall: stopping (Ctrl-C again to stop at once)");
  });

  it("ends the process at once with 130 on a second Ctrl-C", () => {
    process.emit("SIGINT", "SIGINT");
    vi.advanceTimersByTime(1_500);
    expect(() => process.emit("SIGINT", "SIGINT")).toThrow("would have ended");
    expect(exit).toHaveBeenCalledExactlyOnceWith(130);
    expect(terminal.printed().err).toContain("what was not written is lost");
  });

  it("takes a SIGINT that comes with another for the same press", () => {
    process.emit("SIGINT", "SIGINT");
    vi.advanceTimersByTime(100);
    process.emit("SIGINT", "SIGINT");
    expect(exit).not.toHaveBeenCalled();
  });

  it("takes no second SIGTERM for impatience: supervisors repeat theirs", () => {
    process.emit("SIGTERM", "SIGTERM");
    vi.advanceTimersByTime(5_000);
    process.emit("SIGTERM", "SIGTERM");
    expect(exit).not.toHaveBeenCalled();
  });

  it("hands a SIGHUP to whoever wants it for something else", () => {
    const onHangUp = vi.fn();
    interrupts.onHangUp(onHangUp);
    process.emit("SIGHUP", "SIGHUP");
    expect(onHangUp).toHaveBeenCalledOnce();
    expect(interrupts.signal.aborted).toBe(false);
  });

  it("tells whoever asked of a second signal of any kind, unless it comes with the first", () => {
    const onRepeat = vi.fn();
    interrupts.onRepeat(onRepeat);
    process.emit("SIGTERM", "SIGTERM");
    vi.advanceTimersByTime(100);
    process.emit("SIGTERM", "SIGTERM");
    expect(onRepeat).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    process.emit("SIGTERM", "SIGTERM");
    expect(onRepeat).toHaveBeenCalledOnce();
    expect(exit).not.toHaveBeenCalled();
  });

  it("delivers a signal that came while the process was busy", async () => {
    process.kill(process.pid, "SIGHUP");
    expect(interrupts.signal.aborted).toBe(false);
    await interrupts.delivered();
    expect(interrupts.signal.aborted).toBe(true);
  });

  it("gives signals their default meaning while work blocks, and takes it back even if that work throws", () => {
    const listening = process.listenerCount("SIGINT");
    expect(interrupts.whileBlocking(() => process.listenerCount("SIGINT"))).toBe(listening - 1);
    const fail = (): never => {
      throw new Error("no");
    };
    expect(() => interrupts.whileBlocking(fail)).toThrow("no");
    expect(process.listenerCount("SIGINT")).toBe(listening);
  });
});
