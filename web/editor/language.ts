/// <reference lib="webworker" />
// The worker of the language service: it takes files and questions and gives
// answers. It runs nothing of what it reads.

import type {
  Answers,
  FromLanguage,
  Question,
  ToLanguage,
} from "./language_protocol.ts";
import { LanguageService } from "./language_service.ts";

type Asked = Extract<ToLanguage, { kind: "ask" }>;

let service: LanguageService | null = null;

addEventListener("message", ({ data }: MessageEvent<ToLanguage>) => {
  if (data.kind === "start") start(data);
  else if (data.kind === "file") service?.files.set(data.path, data.text);
  else answer(data);
});

function say(message: FromLanguage): void {
  postMessage(message);
}

function start({ library }: Extract<ToLanguage, { kind: "start" }>): void {
  try {
    service = new LanguageService(library);
    say({ kind: "started" });
  } catch (error) {
    say({ kind: "failed", text: String(error) });
  }
}

async function answer(asked: Asked): Promise<void> {
  const { id } = asked;
  try {
    say({ kind: "answer", id, value: await answerTo(asked) });
  } catch (error) {
    say({ kind: "broke", id, text: String(error) });
  }
}

function answerTo(
  { question, path, at, name = "" }: Asked,
): Answers[Question] | Promise<Answers[Question]> {
  if (service === null) throw new Error("it has not started");
  switch (question) {
    case "findings":
      return service.findings(path);
    case "completions":
      return service.completions(path, at);
    case "detail":
      return service.detail(path, at, name);
    case "hover":
      return service.hover(path, at);
    case "definition":
      return service.definition(path, at);
    case "parameters":
      return service.parameters(path, at);
  }
}
