/**
 * What goes on while a drill waits or acts: time passes in slices, and after each one alerts, users and limits are looked at.
 *
 * Limits are stop conditions as in AWS Fault Injection Service: a drill that broke one is over and undoes what it did.
 */
import { setImmediate } from "node:timers/promises";
import { formatMoney } from "../../core/money.ts";
import { formatDuration, minuteMs, type Ms, secondMs } from "../../core/time.ts";
import { formatShare } from "../../core/units.ts";
import { type Condition, describeCondition } from "./conditions.ts";
import { holdMs, look } from "./evidence.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { accountOf } from "./measures.ts";
import { Outputs } from "./outputs.ts";
import type { Limits } from "./runbook.ts";
import type { Account, FiringAlert, World } from "./world.ts";

/** How often the world is looked at while time passes. */
export const watchEveryMs: Ms = 5 * secondMs;

/** Ends a drill: a limit, an interruption, or a scenario that is over. */
export class DrillStopped extends Error {
  override readonly name = "DrillStopped";
  readonly status: "aborted" | "interrupted";

  constructor(status: DrillStopped["status"], why: string) {
    super(why);
    this.status = status;
  }
}

export class Watch {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #limits: Limits;
  readonly #signal: AbortSignal;
  #firing: readonly FiringAlert[] = [];
  #affected = false;
  #start: { readonly atMs: Ms; readonly account: Account } | undefined;
  #looking: Promise<void> | undefined;
  /** Steps that run at the same time learn of a broken limit one after the other. */
  #broken: DrillStopped | undefined;
  /** Since when each condition to stop at has held. */
  readonly #holding = new Map<Condition, Ms>();

  constructor(world: World, journal: Journal, limits: Limits, signal: AbortSignal) {
    this.#world = world;
    this.#journal = journal;
    this.#limits = limits;
    this.#signal = signal;
  }

  /** Counts time and money from the beginning of the drill, which lies in its journal, and knows what was seen before a crash. */
  async begin(entries: readonly JournalEntry[]): Promise<void> {
    const [first] = entries;
    const account = first === undefined ? undefined : accountOf(first);
    this.#start = { atMs: first?.atMs ?? this.#world.nowMs(), account: account ?? (await this.#world.account()) };
    const firing = new Map<string, FiringAlert>();
    for (const { kind, data = {} } of entries) {
      const alert = String(data["alert"]);
      if (kind === "alert-fires") {
        firing.set(alert, { alert, severity: String(data["severity"]), sinceMs: Number(data["sinceMs"]) });
      }
      if (kind === "alert-ends") firing.delete(alert);
      if (kind === "users-affected" || kind === "users-served") this.#affected = kind === "users-affected";
    }
    this.#firing = [...firing.values()];
    await this.look();
  }

  /** Lets time pass up to an instant. Throws `DrillStopped`. */
  async passTo(untilMs: Ms): Promise<void> {
    while (this.#world.nowMs() < untilMs) {
      const sliceMs = Math.min(untilMs, this.#world.nowMs() + watchEveryMs);
      const end = await this.#world.advanceTo(sliceMs, this.#signal).catch((cause: unknown) => {
        if (this.#signal.aborted) throw this.#interrupted();
        throw cause;
      });
      await this.look();
      if (end === "over")
        throw new DrillStopped("aborted", "the scenario is over: give it more traffic than the drill takes");
    }
    if (this.#signal.aborted) throw this.#interrupted();
  }

  /**
   * Watches while something is done that takes time of the wall's, such as an exchange of replicas. Throws `DrillStopped` if a limit was
   * broken or somebody stopped the drill meanwhile, once the work has come to its end, which `breakOff` may bring nearer.
   */
  async during<T>(work: Promise<T>, breakOff: () => void = () => undefined): Promise<T> {
    const state: { isOver: boolean; stopped: { readonly cause: unknown } | undefined } = {
      isOver: false,
      stopped: undefined,
    };
    const over = Promise.allSettled([work]).then(() => void (state.isOver = true));
    await Promise.race([over, setImmediate()]); // what takes no time, as in a simulation, lets none pass
    while (!state.isOver && state.stopped === undefined) {
      const passed = this.passTo(this.#world.nowMs() + watchEveryMs).catch((cause: unknown) => {
        state.stopped = { cause };
        breakOff();
      });
      await Promise.race([over, passed]);
    }
    await over;
    if (state.stopped !== undefined) throw state.stopped.cause;
    return await work;
  }

  /** By whoever gave a reason for it, or by Ctrl-C. */
  #interrupted(): DrillStopped {
    const reason: unknown = this.#signal.reason;
    return reason instanceof DrillStopped ? reason : new DrillStopped("interrupted", "interrupted");
  }

  /** Writes down what has changed. Several callers at once share one look. Throws `DrillStopped` for a broken limit. */
  async look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  async #look(): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    await this.#lookAtAlerts();
    const affected = await this.#world.usersAffected();
    if (affected !== this.#affected) {
      this.#affected = affected;
      const text = affected
        ? "users are served worse than the objectives allow"
        : "users are served as the objectives ask";
      await this.#journal.write({ kind: affected ? "users-affected" : "users-served", who: "squall", text });
    }
    const broken = await this.#brokenLimit();
    if (broken === undefined) return;
    await this.#journal.write({ kind: "limit-broken", who: "squall", text: broken });
    this.#broken = new DrillStopped("aborted", broken);
    throw this.#broken;
  }

  async #lookAtAlerts(): Promise<void> {
    const firing = await this.#world.alerts();
    const names = (alerts: readonly FiringAlert[]): ReadonlySet<string> => new Set(alerts.map(({ alert }) => alert));
    const [before, now] = [names(this.#firing), names(firing)];
    for (const { alert, severity, sinceMs } of firing) {
      if (before.has(alert)) continue;
      await this.#journal.write({
        kind: "alert-fires",
        who: "squall",
        text: `${alert} (${severity})`,
        data: { alert, severity, sinceMs },
      });
    }
    for (const { alert } of this.#firing) {
      if (!now.has(alert))
        await this.#journal.write({ kind: "alert-ends", who: "squall", text: alert, data: { alert } });
    }
    this.#firing = firing;
  }

  async #brokenLimit(): Promise<string | undefined> {
    const { timeMs, cost, errors } = this.#limits;
    if (this.#start === undefined) return undefined;
    const takenMs = this.#world.nowMs() - this.#start.atMs;
    if (timeMs !== undefined && takenMs > timeMs) return `the drill takes longer than ${formatDuration(timeMs)}`;
    const spent = (await this.#world.account()).cost - this.#start.account.cost;
    if (cost !== undefined && spent > cost)
      return `the drill has spent ${formatMoney(spent)}; its limit is ${formatMoney(cost)}`;
    const share = errors === undefined ? undefined : await this.#world.measure("errors", minuteMs, undefined);
    if (errors !== undefined && share !== undefined && share > errors)
      return `${formatShare(share)} of requests fail; the drill's limit is ${formatShare(errors)}`;
    return await this.#stopCondition();
  }

  /** The first one that has held for as long as it says. */
  async #stopCondition(): Promise<string | undefined> {
    const nowMs = this.#world.nowMs();
    for (const condition of this.#limits.stopWhen) {
      const { holds, seen } = await look(condition, this.#world, new Outputs([]));
      if (!holds) {
        this.#holding.delete(condition);
        continue;
      }
      const sinceMs = this.#holding.get(condition) ?? nowMs;
      this.#holding.set(condition, sinceMs);
      if (nowMs - sinceMs >= holdMs(condition)) {
        return `${seen}; the drill stops when ${describeCondition(condition)}`;
      }
    }
    return undefined;
  }
}
