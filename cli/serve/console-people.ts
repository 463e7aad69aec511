/**
 * The people at the console as the engine's responder: questions wait in the pages of those who may answer, notes and the end go to
 * the engine's ear.
 */
import { secondMs } from "../../core/time.ts";
import {
  type Answer,
  answerProblem,
  type Hear,
  mayAnswer,
  type Person,
  type Question,
  type Responder,
  type Turn,
} from "../../runbooks/engine/responder.ts";

/** Scenario time that goes by at once while a question is open: as long as a person may notice that an answer takes. */
const sliceMs = secondMs / 4;

export class ConsolePeople {
  readonly #open = new Map<string, { readonly question: Question; readonly answer: (answer: Answer) => void }>();
  readonly #onQuestions: (questions: readonly Question[]) => void;
  #hear: Hear | undefined;

  constructor(onQuestions: (questions: readonly Question[]) => void) {
    this.#onQuestions = onQuestions;
  }

  responder(): Responder {
    return {
      ask: (question, turn) => this.#ask(question, turn),
      listen: (hear) => {
        this.#hear = hear;
      },
    };
  }

  isAsked(): boolean {
    return this.#open.size > 0;
  }

  /** Why the answer is not taken; undefined: it is. */
  answer(id: string, answer: Answer): string | undefined {
    const open = this.#open.get(id);
    if (open === undefined) return "Somebody has answered that already.";
    const problem = mayAnswer(open.question, answer.who) ?? answerProblem(open.question, answer);
    if (problem !== undefined) return problem;
    this.#open.delete(id);
    this.#tell();
    open.answer(answer);
    return undefined;
  }

  /** Resolves with why the remark is not taken, or nothing. */
  async remark(kind: "note" | "end", who: Person, text: string): Promise<string | undefined> {
    if (this.#hear === undefined) return "No drill is being played.";
    return await this.#hear({ kind, who, text });
  }

  /** Nobody is heard any more. */
  over(): void {
    this.#hear = undefined;
    this.#open.clear();
    this.#tell();
  }

  async #ask(question: Question, { pass, signal }: Turn): Promise<Answer> {
    const answered = Promise.withResolvers<Answer>();
    let answer: Answer | undefined;
    void answered.promise.then((given) => (answer = given));
    this.#open.set(question.id, { question, answer: answered.resolve });
    this.#tell();
    try {
      while (answer === undefined) {
        signal.throwIfAborted();
        await pass(sliceMs);
      }
      return answer;
    } finally {
      if (this.#open.delete(question.id)) this.#tell();
    }
  }

  #tell(): void {
    this.#onQuestions([...this.#open.values()].map(({ question }) => question));
  }
}
