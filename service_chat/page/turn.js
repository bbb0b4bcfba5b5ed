/** One question and what came of it, as elements. All that is shown is set as text. */

import { levelWords, plainWords, ruleWords, unclear } from "./words.js";

/** Return a copy of the template NAME. */
function copy(name) {
  return document.getElementById(name).content.cloneNode(true);
}

/** Put WORDS, by name, into the slots of ROOT. */
function fill(root, words) {
  for (const slot of root.querySelectorAll("[data-slot]")) {
    if (slot.dataset.slot in words) {
      slot.textContent = words[slot.dataset.slot] ?? "";
    }
  }
}

function part(root, name) {
  return root.querySelector(`[data-part="${name}"], [data-list="${name}"]`);
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

/** Return the element of a turn in which QUERY is being asked about MRN. */
export function asked(mrn, query, number) {
  const turn = copy("turn").firstElementChild;
  const now = new Date();
  fill(turn, { mrn, query, time: now.toLocaleTimeString([], { timeStyle: "short" }) });
  turn.querySelector("time").dateTime = now.toISOString();
  turn.querySelector("article").id = `turn-${number}`;
  turn.querySelector(".reply").append(copy("pending"));
  turn.querySelector("article").setAttribute("aria-busy", "true");
  return turn;
}

/** Say WORDS where TURN waits. */
export function waiting(turn, words) {
  fill(turn, { waiting: words });
}

/** Show in TURN what the rules say, ASSESSMENT, while its words are awaited; return it in one sentence. */
export function assessed(turn, assessment) {
  const made = verdict(assessment);
  for (const name of ["how", "trace"]) {
    part(made, name).hidden = true;
  }
  part(made, "rests").hidden = !assessment.facts?.length;
  made.querySelector(".response").after(copy("pending"));
  fill(made, { waiting: "Wording the answer" });
  settle(turn, made, assessment.urgency, unclear(assessment));
  turn.querySelector("article").setAttribute("aria-busy", "true");
  return sentence(assessment);
}

/** Add TEXT to the words that TURN shows so far. */
export function worded(turn, text) {
  turn.querySelector(".response")?.append(text);
}

/** Show ANSWER in TURN; return it in one sentence. */
export function answered(turn, answer) {
  const made = verdict(answer);
  for (const name of answer.matched_rules ?? []) {
    const item = element("li", `${ruleWords(name)} `);
    item.append(element("code", name));
    part(made, "rules").querySelector("ul").append(item);
  }
  part(made, "rules").hidden = !answer.matched_rules?.length;
  part(made, "retrieval").hidden = !answer.retrieval;
  part(made, "conversation").hidden = !answer.conversation_id;
  settle(turn, made, answer.urgency, unclear(answer));
  return sentence(answer);
}

function verdict(answer) {
  const made = copy("answer");
  const level = levelWords(answer);
  fill(made, { ...answer, ...level, worded: author(answer), retrieval: searched(answer.retrieval) });
  made.querySelector("use").setAttribute("href", `#shape-${level.shape}`);
  rests(made, answer);
  return made;
}

function sentence(answer) {
  const { word, meaning } = levelWords(answer);
  return `${word}. ${meaning}. Next step: ${answer.next_step}`;
}

/**
 * Show in TURN the problem that WORDS tell of, with ACT behind its button; return it in one sentence.
 *
 * A level that the rules gave before stays: it does not depend on the words that did not come.
 */
export function failed(turn, words, traceId, act) {
  const made = copy("problem");
  fill(made, { ...words, trace_id: traceId, action: words.again ? "Ask again" : "Correct it" });
  made.querySelector("use").setAttribute("href", "#shape-problem");
  const button = made.querySelector(".again button");
  button.parentElement.hidden = !words.again && !words.field;
  button.addEventListener("click", act);
  const before = turn.querySelector(".verdict");
  const caution = made.querySelector(".next").textContent;
  if (before) {
    const first = element("p", caution, "lost");
    made.querySelector(".verdict").replaceWith(before, first, element("p", `${words.title}.`));
    const { level, unclear: vague } = turn.querySelector("article").dataset;
    settle(turn, made, level, vague !== undefined);
  } else {
    settle(turn, made, "problem", false);
  }
  return `${words.title}. ${caution} ${words.todo}`;
}

/** Put what came into TURN, named for a screen reader by its level and its next step. */
function settle(turn, made, level, vague) {
  const article = turn.querySelector("article");
  const [heading, next] = [made.querySelector("h3"), made.querySelector(".next")];
  heading.id = `${article.id}-level`;
  next.id = `${article.id}-next`;
  article.dataset.level = level;
  article.toggleAttribute("data-unclear", vague);
  article.setAttribute("aria-labelledby", `${heading.id} ${next.id}`);
  article.removeAttribute("aria-busy");
  turn.querySelector(".reply").replaceChildren(made);
}

function rests(made, answer) {
  // What the words quote from a document need not be read twice; the document is cited below.
  const quoted = (fact) => fact.kind === "document" && (answer.response ?? "").includes(fact.text);
  const all = answer.facts ?? [];
  const facts = all.filter((fact) => !quoted(fact));
  const citations = answer.citations ?? [];
  for (const fact of facts) {
    const row = document.createElement("div");
    row.append(element("dt", plainWords(fact.kind)), element("dd", fact.text));
    part(made, "facts").append(row);
  }
  part(made, "citations").append(...citations.map(cited));
  part(made, "facts").hidden = facts.length === 0;
  part(made, "citations").hidden = citations.length === 0;
  part(made, "nothing").hidden = all.length + citations.length > 0;
}

function cited(citation) {
  const item = copy("document").firstElementChild;
  const score = `match ${Number(citation.score).toFixed(2)}`;
  fill(item, { ...citation, score, passage: citation.passage ?? "" });
  item.querySelector("blockquote").hidden = !citation.passage;
  return item;
}

function author(answer) {
  return `${writer(answer)}, in ${milliseconds(answer.inference_time_ms)}`;
}

/** Return whose the words of ANSWER are: a model that was asked need not be the one that is heard. */
function writer(answer) {
  if (answer.worded_by === "rules") {
    return answer.llm_mode === "mock" ? "rules, without a model" : `rules; nothing of the model of “${answer.llm_mode}” is told`;
  }
  const model = `the model of “${answer.worded_by}”`;
  return answer.urgency === "emergency" ? `rules, then ${model}` : model;
}

function searched(retrieval) {
  if (!retrieval) {
    return "";
  }
  const where = retrieval.mode === "mock" ? "an index in memory" : `the index of “${retrieval.mode}”`;
  return `${where}, the best ${retrieval.top_k}, in ${milliseconds(retrieval.latency_ms)}`;
}

function milliseconds(count) {
  return count < 1 ? "under 1 ms" : `${Math.round(count).toLocaleString("en")} ms`;
}
