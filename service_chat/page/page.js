/** The conversation: asks, shows, and forgets with the tab. Nothing is stored, and nothing stands in the address. */

import { ask } from "./ask.js";
import * as form from "./form.js";
import { answered, asked, assessed, failed, waiting, worded } from "./turn.js";
import { problemWords } from "./words.js";

const LONG_MS = 4000;

const send = document.getElementById("send");
const status = document.getElementById("status");
const turns = document.getElementById("turns");
const conversation = document.querySelector(".conversation");
const question = document.getElementById("ask");

let pending = null;
let number = 0;

/** Ask QUERY about MRN and show what comes, unless a question is still open. */
async function turn(mrn, query) {
  if (pending !== null) {
    return;
  }
  pending = new AbortController();
  const own = pending;
  const shown = asked(mrn, query, ++number);
  turns.append(shown);
  began();
  reveal(shown);
  const late = setTimeout(() => waiting(shown, "Still working on it; this may take up to half a minute"), LONG_MS);
  let early = false;
  const heard = {
    assessment(part) {
      early = true;
      tell(shown, assessed(shown, part), untouched(query));
    },
    delta: (text) => worded(shown, text),
  };
  const { answer, problem } = await ask(mrn, query, own.signal, heard);
  clearTimeout(late);
  if (own.signal.aborted) {
    return;
  }
  pending = null;
  ready();
  if (answer) {
    const waits = untouched(query);
    form.done(query);
    const said = answered(shown, answer);
    if (!early) {
      tell(shown, said, waits);
    } else if (waits) {
      status.textContent = "The answer is complete.";
    }
  } else {
    const words = problemWords(problem);
    const said = failed(shown, words, problem.trace_id, () => (words.again ? turn(mrn, query) : form.focus(words.field)));
    form.mark(words.field ?? "query", words.word ?? "");
    tell(shown, said, !early && untouched(query));
  }
}

/** Return whether whoever asked QUERY still waits for it, and did not go on to something else. */
function untouched(query) {
  const focused = document.activeElement;
  const inside = focused === document.body || question.contains(focused) || focused.closest(".turn, .patient") !== null;
  return inside && document.getElementById("query").value.trim() === query;
}

/** Bring the answer in SHOWN to whoever waits, by focus; say it aloud to others, who are elsewhere. */
function tell(shown, said, waits) {
  const article = shown.querySelector("article");
  status.textContent = waits ? "" : said;
  if (waits) {
    article.focus({ preventScroll: true });
  }
  reveal(shown);
}

function reveal(shown) {
  shown.scrollIntoView({ block: "start" });
}

function began() {
  document.getElementById("start").hidden = true;
  conversation.hidden = false;
  send.setAttribute("aria-disabled", "true");
  send.textContent = "Asking";
  status.textContent = "Asking. The answer will be the last of the conversation.";
}

function ready() {
  send.removeAttribute("aria-disabled");
  send.textContent = "Ask";
}

function clear() {
  pending?.abort();
  pending = null;
  ready();
  turns.replaceChildren();
  conversation.hidden = true;
  document.getElementById("start").hidden = false;
  form.enter("", "");
  status.textContent = "The conversation is cleared.";
  form.focus("mrn");
}

/** Copy TEXT, also where the browser keeps its clipboard from pages that came unencrypted. */
async function copied(text, place) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(place);
    return document.execCommand("copy");
  }
}

async function copy(button) {
  const place = button.parentElement.querySelector("code");
  const words = (await copied(place.textContent, place)) ? "Copied" : "Press Ctrl C to copy";
  button.textContent = words;
  status.textContent = words === "Copied" ? "The trace id is copied." : "The trace id is selected; copy it by keyboard.";
  setTimeout(() => {
    button.textContent = "Copy";
  }, 2500);
}

question.addEventListener("submit", (event) => {
  event.preventDefault();
  if (pending === null) {
    const found = form.entered();
    if (found !== null) {
      turn(found.mrn, found.query);
    }
  }
});
document.getElementById("query").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
    event.preventDefault();
    question.requestSubmit();
  }
});
document.getElementById("clear").addEventListener("click", clear);
turns.addEventListener("click", (event) => {
  const button = event.target.closest(".copy");
  if (button) {
    copy(button);
  }
});
document.querySelector(".examples").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) {
    form.enter(button.value, button.querySelector(".text").textContent);
    form.focus("query");
  }
});
// What is folded on the screen is not to be missing on paper.
addEventListener("beforeprint", () => {
  for (const each of turns.querySelectorAll("details")) {
    each.open = true;
  }
});
