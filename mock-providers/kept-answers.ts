/**
 * Answers that a client may ask for again, or build upon, by their id: OpenAI's stored responses, Anthropic's threads.
 *
 * OpenAI keeps them for thirty days; here the oldest leave when there are too many, or too much of them.
 */
export interface KeptAnswer {
  /** Nobody else may see it. */
  readonly organization: string;
  /** As it was sent, or the conversation that ends with it. */
  readonly body: string;
  /** What it answered: the items of its input, as JSON. */
  readonly input: readonly string[];
  /** Tokens of prompt and answer, which are the prompt of what follows; thoughts are not kept. */
  readonly tokens: number;
  /** Calls of tools in it, whose results are still to come. */
  readonly openCalls: readonly string[];
}

const answersMax = 10_000;
const charactersMax = 64 * 1024 * 1024;

export class KeptAnswers {
  readonly #answers = new Map<string, KeptAnswer>();
  readonly #answersMax: number;
  readonly #charactersMax: number;
  #characters = 0;

  constructor(answers: number = answersMax, characters: number = charactersMax) {
    this.#answersMax = answers;
    this.#charactersMax = characters;
  }

  /** In place of what was kept under that id. */
  keep(id: string, answer: KeptAnswer): void {
    this.#drop(id);
    this.#answers.set(id, answer);
    this.#characters += charactersOf(answer);
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= this.#answersMax && this.#characters <= this.#charactersMax) return;
      this.#drop(oldest);
    }
  }

  get(id: string, organization: string): KeptAnswer | undefined {
    const answer = this.#answers.get(id);
    return answer?.organization === organization ? answer : undefined;
  }

  /** Whether there was one. */
  delete(id: string, organization: string): boolean {
    if (this.get(id, organization) === undefined) return false;
    this.#drop(id);
    return true;
  }

  #drop(id: string): void {
    const answer = this.#answers.get(id);
    if (answer !== undefined) this.#characters -= charactersOf(answer);
    this.#answers.delete(id);
  }
}

function charactersOf({ body, input }: KeptAnswer): number {
  return input.reduce((sum, item) => sum + item.length, body.length);
}
