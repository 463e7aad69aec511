import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actBytesMax } from "../../../cli/serve/acts.ts";
import { type Serving, startServing } from "../../../cli/serve/serve.ts";

let serving: Serving;

beforeAll(async () => {
  serving = await startServing({
    host: "127.0.0.1",
    port: 0,
    offers: [{ id: "0", title: "A <provider> is down", about: "SEV2" }],
    settled: undefined,
    board: { folder: "scenarios", shown: "scenarios" },
    drillFolder: () => undefined,
    play: () => Promise.reject(new Error("nothing is played here")),
    onEnd: () => undefined,
  });
});

afterAll(() => serving.stop());

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** `until`: the answer is cut off once it says this. */
function ask({ path, method = "GET", headers = {}, body }: Asked, until?: string): Promise<Told> {
  const { port } = new URL(serving.addresses.observer);
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let text = "";
      const told = (): void => resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      response.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
        if (until === undefined || !text.includes(until)) return;
        told();
        asked.destroy();
      });
      response.on("end", told);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

function keyOf(seat: keyof Serving["addresses"]): string {
  return new URL(serving.addresses[seat]).searchParams.get("key") ?? "";
}

const act = (text: string): Asked => ({
  path: "/act",
  method: "POST",
  headers: { "content-type": "application/json", "x-squall-key": keyOf("observer") },
  body: JSON.stringify({ act: "note", name: "eve", text }),
});

describe("the server", () => {
  it.each(["/", "/board", "/file?path=ten-users.yaml", "/events?name=eve", "/review", "/journal", "/?key=guessed"])(
    "tells nothing at %s to whoever has no key",
    async (path) => {
      const { status, text } = await ask({ path });
      expect(status).toBe(403);
      expect(text).toContain("key");
    },
  );

  it("gives each seat the page of its own, with nothing on it that acts", async () => {
    const [lead, observer] = await Promise.all(
      (["incident-lead", "observer"] as const).map((seat) => ask({ path: `/?key=${keyOf(seat)}` })),
    );
    expect(lead?.text).toContain("Begin the drill");
    expect(lead?.text).toContain("A &lt;provider&gt; is down");
    expect(observer?.text).not.toContain("Begin the drill");
    for (const { headers } of [lead, observer].flatMap((told) => told ?? [])) {
      expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self';");
      expect(headers["referrer-policy"]).toBe("no-referrer");
      expect(headers["cache-control"]).toBe("no-store");
    }
  });

  it("is not there for a name that somebody made mean this machine", async () => {
    const { status } = await ask({ path: `/?key=${keyOf("observer")}`, headers: { host: "rebound.example" } });
    expect(status).toBe(421);
  });

  it("takes no act from a page of another origin", async () => {
    const asked = act("so");
    const { status } = await ask({ ...asked, headers: { ...asked.headers, origin: "http://127.0.0.1:1" } });
    expect(status).toBe(403);
  });

  it("takes no more than its bound, whatever a page sends", async () => {
    for (const times of [1, 64]) expect((await ask(act("x".repeat(times * actBytesMax)))).status).toBe(413);
  });

  it("says in words why an act was not done", async () => {
    expect(await ask(act("so"))).toMatchObject({ status: 409, text: '{"problem":"No drill is being played."}' });
    expect((await ask(act(""))).status).toBe(400);
  });

  it("sends the whole game day to whoever comes, and then who is there", async () => {
    const events: Asked = { path: `/events?name=eve&key=${keyOf("observer")}` };
    const { headers, text } = await ask(events, '"kind":"people"');
    expect(headers["content-type"]).toBe("text/event-stream");
    const [first = "", second = ""] = text.split("\n\n").map((each) => each.replace("data: ", ""));
    expect(JSON.parse(first)).toMatchObject({ kind: "all", gameDay: { stage: { kind: "lobby" } } });
    expect(JSON.parse(second)).toEqual({ kind: "people", people: [{ name: "eve", seat: "observer" }] });
    expect((await ask({ path: `/events?key=${keyOf("observer")}` })).status).toBe(400);
  });

  it("offers files of the scenarios' folder and no other", async () => {
    const file = (path: string): Promise<Told> => ask({ path: `/file?path=${path}&key=${keyOf("observer")}` });
    expect((await file("ten-users.yaml")).text).toContain("scenario: ten-users");
    for (const path of ["../package.json", "%2e%2e/package.json", "/etc/hostname"]) {
      expect((await file(path)).status).toBe(404);
    }
  });

  it("has no review before a drill has ended, and no page that it does not know", async () => {
    expect((await ask({ path: `/review?key=${keyOf("observer")}` })).status).toBe(404);
    expect((await ask({ path: "/admin" })).status).toBe(404);
  });

  it("says which port is taken", async () => {
    const port = Number(new URL(serving.addresses.observer).port);
    const again = startServing({
      host: "127.0.0.1",
      port,
      offers: [],
      settled: undefined,
      board: undefined,
      drillFolder: () => undefined,
      play: () => Promise.reject(new Error("never")),
      onEnd: () => undefined,
    });
    await expect(again).rejects.toMatchObject({ code: "port-taken", message: `port ${port} is taken` });
  });
});
