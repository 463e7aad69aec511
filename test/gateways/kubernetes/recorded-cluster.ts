/**
 * An API server for the real `kubectl`: it answers what is on record for what kubectl asks, moves its pods as a Deployment's
 * controller would, and notes every request that it has no answer to.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import * as z from "zod";
import {
  deployment,
  deploymentObject,
  discovery,
  list,
  namespace,
  podMetricsList,
  podObject,
  replicaSetObject,
  scaleObject,
  status,
  type PodState,
  type Template,
} from "./api-objects.ts";

export interface RecordedCluster {
  /** For kubectl: KUBECONFIG and a home of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** What changed something: `PATCH deployments/gateway/scale {"spec":{"replicas":4}}`. */
  readonly changes: readonly string[];
  /** What was asked and is not on record. */
  readonly unknown: readonly string[];
  readonly replicas: () => number;
  readonly image: () => string;
  readonly pods: () => readonly string[];
  /** The container of the oldest pod is started again, out of memory. */
  readonly restart: () => void;
  /** A pod with the same labels that belongs to something else. */
  readonly addStranger: () => void;
  /** Somebody else takes the oldest pod away at once. */
  readonly evict: () => void;
  /** Every watch ends, as an API server ends them by and by. */
  readonly endWatches: () => void;
  /** Nobody answers any more. */
  readonly close: () => void;
  /** And nothing is left of it. */
  readonly remove: () => void;
}

export interface ClusterSettings {
  readonly replicas: number;
  readonly image: string;
  readonly hasMetrics: boolean;
  /** Pods that are scheduled and never become ready. */
  readonly isStuck: boolean;
}

interface Pod {
  readonly name: string;
  readonly image: string;
  readonly owner: string;
  state: PodState;
  isDeleted: boolean;
  restarts: number;
}

/** One step of a pod's life, wall time. */
const stepMs = 30;
const image = z.object({
  spec: z.object({ template: z.object({ spec: z.object({ containers: z.array(z.object({ image: z.string() })) }) }) }),
});
const jsonPatch = z.array(z.object({ op: z.string(), path: z.string(), value: z.unknown() }));

export async function startCluster(changed: Partial<ClusterSettings> = {}): Promise<RecordedCluster> {
  const cluster = new Cluster({ replicas: 2, image: "shop/gateway:1", hasMetrics: true, isStuck: false, ...changed });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => cluster.answer(request, Buffer.concat(chunks).toString("utf8"), response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const home = mkdtempSync(path.join(tmpdir(), "squall-cluster-"));
  mkdirSync(path.join(home, ".kube"));
  writeFileSync(path.join(home, "kubeconfig"), kubeconfig(port));
  const close = (): void => {
    cluster.stop();
    server.close();
    server.closeAllConnections();
  };
  return Object.assign(cluster, {
    env: { KUBECONFIG: path.join(home, "kubeconfig"), HOME: home },
    close,
    remove: () => {
      close();
      rmSync(home, { recursive: true, force: true });
    },
  });
}

/** There is no current context, so a command that names none fails. */
function kubeconfig(port: number): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "recorded", cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: "somebody", user: { token: "none" } }],
    contexts: [{ name: "recorded", context: { cluster: "recorded", user: "somebody", namespace: "elsewhere" } }],
  });
}

class Cluster {
  readonly changes: string[] = [];
  readonly unknown: string[] = [];
  readonly #settings: ClusterSettings;
  readonly #events: { readonly resourceVersion: number; readonly line: string }[] = [];
  readonly #watches = new Set<ServerResponse>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Of every revision, the first at 0. */
  readonly #templates: Template[];
  #wished: number;
  #pods: Pod[] = [];
  readonly #strangers: Pod[] = [];
  #made = 0;
  #resourceVersion = 10;

  constructor(settings: ClusterSettings) {
    this.#settings = settings;
    this.#wished = settings.replicas;
    this.#templates = [{ image: settings.image }];
    for (let count = 0; count < settings.replicas; count++) this.#make("ready");
  }

  replicas = (): number => this.#wished;
  image = (): string => this.#template.image;
  pods = (): readonly string[] => this.#pods.map(({ name }) => name);

  restart = (): void => {
    const [pod] = this.#pods;
    if (pod === undefined) return;
    pod.restarts += 1;
    this.#tell("MODIFIED", pod);
  };

  addStranger = (): void => {
    const stranger: Pod = {
      name: "gateway-batch-hash1-0",
      image: "shop/batch:1",
      owner: "gateway-batch-hash1",
      state: "ready",
      isDeleted: false,
      restarts: 0,
    };
    this.#strangers.push(stranger);
    this.#tell("ADDED", stranger);
  };

  evict = (): void => {
    const [pod] = this.#pods;
    if (pod !== undefined) this.#delete(pod, true);
  };

  endWatches = (): void => {
    for (const watch of this.#watches) watch.end();
    this.#watches.clear();
  };

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.endWatches();
  }

  answer(request: IncomingMessage, body: string, response: ServerResponse): void {
    const url = new URL(request.url ?? "", "http://cluster");
    // A patch says so in its address, a deletion in its body.
    const isDry = url.searchParams.get("dryRun") === "All" || body.includes('"dryRun":["All"]');
    const send = (code: number, object: object): void => {
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(object));
    };
    const what = `${request.method} ${url.pathname.replace(/^.*\/namespaces\/[^/]+\//, "")}`;
    if (request.method !== "GET") this.changes.push(`${what}${isDry ? " (dry)" : ""} ${body.trim()}`.trim());
    const apps = `/apis/apps/v1/namespaces/${namespace}`;
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    const found = request.method === "GET" ? discovery(this.#settings.hasMetrics)[url.pathname] : undefined;
    if (found !== undefined) return send(200, found);
    const pod = this.#pods.find(({ name }) => url.pathname === `${pods}/${name}`);
    switch (pod === undefined ? `${request.method} ${url.pathname}` : `${request.method} pod`) {
      case `GET ${apps}/deployments/${deployment}`:
        return send(200, this.#deployment());
      case `PATCH ${apps}/deployments/${deployment}`:
        if (!isDry) this.#roll(imageOf(body));
        return send(200, this.#deployment());
      case `PATCH ${apps}/deployments/${deployment}/scale`: {
        const { replicas } = z.object({ spec: z.object({ replicas: z.int() }) }).parse(JSON.parse(body)).spec;
        if (!isDry) this.#scale(replicas);
        return send(200, scaleObject(replicas, this.#pods.length));
      }
      case `GET ${apps}/replicasets`:
        return send(200, list("ReplicaSetList", "apps/v1", this.#replicaSets(), this.#resourceVersion));
      case `GET ${pods}`:
        if (url.searchParams.get("watch") !== "true") return send(200, this.#podList());
        return this.#watch(Number(url.searchParams.get("resourceVersion")), response);
      case "DELETE pod":
        if (pod !== undefined && !isDry) this.#delete(pod, body.includes('"gracePeriodSeconds":0'));
        return send(200, status(200, "", "deleted"));
      case `GET /apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`:
        if (this.#settings.hasMetrics) return send(200, podMetricsList(this.pods(), new Date().toISOString()));
        return send(404, status(404, "NotFound", "the server could not find the requested resource"));
      default:
        this.unknown.push(`${request.method} ${request.url}`);
        return send(404, status(404, "NotFound", `not on record: ${request.method} ${request.url}`));
    }
  }

  get #template(): Template {
    const template = this.#templates.at(-1);
    if (template === undefined) throw new Error("a cluster has a first template");
    return template;
  }

  #deployment(): object {
    return deploymentObject(this.#wished, this.#template, this.#templates.length);
  }

  #replicaSets(): readonly object[] {
    const last = this.#templates.length;
    return this.#templates.map((template, index) => {
      const revision = index + 1;
      return replicaSetObject(template, revision, revision === last ? this.#wished : 0);
    });
  }

  #podList(): object {
    return list(
      "PodList",
      "v1",
      [...this.#strangers, ...this.#pods].map((pod) => podObject(pod, this.#resourceVersion)),
      this.#resourceVersion,
    );
  }

  /** What has happened since that version comes first. */
  #watch(resourceVersion: number, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    for (const event of this.#events) if (event.resourceVersion > resourceVersion) response.write(event.line);
    this.#watches.add(response);
    response.once("close", () => this.#watches.delete(response));
  }

  #tell(type: "ADDED" | "MODIFIED" | "DELETED", pod: Pod): void {
    this.#resourceVersion += 1;
    const line = `${JSON.stringify({ type, object: podObject(pod, this.#resourceVersion) })}\n`;
    this.#events.push({ resourceVersion: this.#resourceVersion, line });
    for (const watch of this.#watches) watch.write(line);
  }

  #later(act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, stepMs);
    this.#timers.add(timer);
  }

  #make(state: PodState): Pod {
    const owner = `${deployment}-hash${this.#templates.length}`;
    const name = `${owner}-${this.#made++}`;
    const pod: Pod = { name, image: this.#template.image, owner, state, isDeleted: false, restarts: 0 };
    this.#pods.push(pod);
    return pod;
  }

  /** Pending, running, ready; then whoever waits for it is told. */
  #start(whenReady: () => void = () => undefined): void {
    const pod = this.#make("pending");
    this.#tell("ADDED", pod);
    if (this.#settings.isStuck) return;
    this.#later(() => {
      pod.state = "running";
      this.#tell("MODIFIED", pod);
      this.#later(() => {
        pod.state = "ready";
        this.#tell("MODIFIED", pod);
        whenReady();
      });
    });
  }

  #scale(replicas: number): void {
    this.#wished = replicas;
    this.#fill();
    const kept = this.#pods.filter(({ isDeleted }) => !isDeleted);
    for (const pod of kept.slice(replicas)) this.#end(pod, false);
  }

  #fill(): void {
    const missing = this.#wished - this.#pods.filter(({ isDeleted }) => !isDeleted).length;
    for (let count = 0; count < missing; count++) this.#start();
  }

  /** Somebody deletes it by hand: another one comes for it. */
  #delete(pod: Pod, atOnce: boolean): void {
    this.#end(pod, atOnce);
    this.#fill();
  }

  #end(pod: Pod, atOnce: boolean): void {
    const gone = (): void => {
      this.#pods = this.#pods.filter((each) => each !== pod);
      this.#tell("DELETED", pod);
    };
    pod.isDeleted = true;
    if (atOnce) return gone();
    this.#tell("MODIFIED", pod);
    this.#later(gone);
  }

  /** One at a time, the old one when the new one is ready: surge 1, unavailable 0. */
  #roll(next: string): void {
    this.#templates.push({ image: next });
    const exchange = (): void => {
      const old = this.#pods.find((pod) => pod.image !== next && !pod.isDeleted);
      if (old === undefined || this.#template.image !== next) return;
      this.#start(() => {
        this.#end(old, false);
        exchange();
      });
    };
    exchange();
  }
}

/** `set image` sends a strategic merge patch, `rollout undo` a JSON patch. */
function imageOf(body: string): string {
  const patch: unknown = JSON.parse(body);
  const asJsonPatch = jsonPatch.safeParse(patch);
  const template = asJsonPatch.data?.find(({ path: at }) => at === "/spec/template")?.value;
  const merged = asJsonPatch.success ? { spec: { template } } : patch;
  const [container] = image.parse(merged).spec.template.spec.containers;
  if (container === undefined) throw new Error(`no image in ${body}`);
  return container.image;
}
