/** Ten thousand clients that connect and hold on: the mock goes on answering, in bounded memory, and forgets them when they go. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSquall } from "./squall-process.ts";

const connections = 10_000;

/** Both ends have the limit of whoever starts them; each needs some descriptors of its own. */
const descriptors = descriptorsHere();
const enough = existsSync("/proc/self/fd") && descriptors > connections + 500;
if (!enough) {
  process.stdout.write(
    `many connections: skipped, for ${connections} need as many file descriptors; here are ${descriptors}\n`,
  );
}

/** Beside what an idle mock takes: 15 kB a connection, twice what was measured. */
const bytesPerConnectionMax = 30_000;

describe.skipIf(!enough)(`${connections} connections at once (skipped where there are fewer file descriptors)`, () => {
  it("are held in bounded memory while others are answered, and are gone when their clients are", async () => {
    const mock = startSquall(["mock", "--port", "0", "--latency-scale", "0"], { withinMs: 110_000 });
    const [line] = await mock.says("stdout", /^.*\n/);
    const { url }: { readonly url: string } = JSON.parse(line);
    const answers = async (): Promise<number> => (await fetch(`${url}/_squall/health`)).status;
    expect(await answers()).toBe(200);
    const idleBytes = memoryOf(mock.pid);
    const descriptorsBefore = descriptorsOf(mock.pid);
    const sockets: Socket[] = [];
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    while (sockets.length < connections) {
      sockets.push(...(await Promise.all(Array.from({ length: 500 }, (_, index) => connected(url, index)))));
    }
    await expect.poll(() => descriptorsOf(mock.pid), { timeout: 20_000 }).toBeGreaterThanOrEqual(connections);
    expect(await answers()).toBe(200);
    expect((memoryOf(mock.pid) - idleBytes) / connections).toBeLessThan(bytesPerConnectionMax);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => descriptorsOf(mock.pid), { timeout: 20_000 }).toBeLessThan(descriptorsBefore + 50);
    expect(await answers()).toBe(200);
    mock.kill("SIGTERM");
    expect(await mock.ended).toMatchObject({ code: 0 });
  });
});

/** Silent, in the middle of headers, or done with a request: one after the other. */
async function connected(url: string, index: number): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  if (index % 3 === 1) socket.write("GET /_squall/health HTTP/1.1\r\nhost: x\r\nx-not-done: ");
  if (index % 3 === 2) {
    socket.write("GET /_squall/health HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(socket, "data");
  }
  return socket;
}

function descriptorsHere(): number {
  try {
    return Number(execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }).trim());
  } catch {
    return 0;
  }
}

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Resident, bytes. */
function memoryOf(pid: number): number {
  return 1_024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
