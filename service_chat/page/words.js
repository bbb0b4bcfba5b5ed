/** What the page says of levels, rules and problems. */

export const LEVELS = {
  emergency: { word: "Emergency", meaning: "Call for help now" },
  urgent: { word: "Urgent", meaning: "Reach a clinician the same day" },
  soon: { word: "Soon", meaning: "A visit within about three days" },
  routine: { word: "Routine", meaning: "A message, or the next visit" },
  info: { word: "Information", meaning: "Answered from the record" },
};

/** What stands in place of a level where no rule understood the question: that level is no judgement of it. */
const UNCLEAR = { word: "Not understood", shape: "unclear" };

/** Return what is to be said of ANSWER's level: word, meaning and shape. */
export function levelWords(answer) {
  const level = { ...LEVELS[answer.urgency], shape: answer.urgency };
  return unclear(answer) ? { ...UNCLEAR, meaning: `Level: ${level.word}` } : level;
}

/** Return whether no rule understood the question of ANSWER. */
export function unclear(answer) {
  return answer.matched_rules?.[0] === "fallback.rephrase";
}

const RULES = {
  red_flag: "Red flag",
  self_harm: "Words of self-harm",
  escalator: "The record raises the level",
  urgent: "Needs care the same day",
  symptom: "Symptom",
  routine: "Request",
  lookup: "Looked up in the record",
  fallback: "No rule fits",
};

const AGAIN = "Your question is still in the field.";

const PROBLEMS = {
  patient_not_found: {
    title: "No patient has this number",
    todo: "Check the medical record number, correct it, and ask again.",
    field: "mrn",
    word: "There is no patient with this number.",
  },
  invalid_input: { title: "The question cannot be taken like this", todo: `Correct what is marked, and ask again. ${AGAIN}` },
  bad_request: { title: "The question arrived damaged", todo: `Load the page anew, or ask again. ${AGAIN}`, again: true },
  content_too_large: {
    title: "The question is too long",
    todo: "Shorten it to 2,000 characters, and ask again.",
    field: "query",
    word: "Use at most 2,000 characters.",
  },
  saturated: {
    title: "Too many questions at once",
    todo: `Wait a moment and ask again. ${AGAIN}`,
    again: true,
  },
  llm_error: { title: "No answer could be worded", todo: `The model behind the answers failed. Ask again. ${AGAIN}`, again: true },
  llm_timeout: {
    title: "The answer took too long",
    todo: `The model behind the answers did not finish in time. Ask again. ${AGAIN}`,
    again: true,
  },
  db_api_unavailable: {
    title: "The record cannot be read at the moment",
    todo: `Wait a moment and ask again. ${AGAIN}`,
    again: true,
  },
  draining: { title: "The service is about to restart", todo: `Wait a moment and ask again. ${AGAIN}`, again: true },
  offline: { title: "This device is offline", todo: `Connect it to the network, and ask again. ${AGAIN}`, again: true },
  unreachable: {
    title: "The service does not answer",
    todo: `Check the connection, wait a moment and ask again. ${AGAIN}`,
    again: true,
  },
  broken_off: { title: "The answer broke off", todo: `Check the connection, and ask again. ${AGAIN}`, again: true },
  no_answer: { title: "No answer came in time", todo: `Check the connection, and ask again. ${AGAIN}`, again: true },
  unreadable: {
    title: "An answer came that this page cannot show",
    todo: `Load the page anew and ask again; tell the operator the trace id if it stays so. ${AGAIN}`,
    again: true,
  },
  unknown: {
    title: "Something went wrong in the service",
    todo: `Ask again; tell the operator the trace id if it stays so. ${AGAIN}`,
    again: true,
  },
};

// What a status alone says, where something on the way answered instead of the service.
const STATUSES = { 404: "unknown", 413: "content_too_large", 429: "saturated", 502: "unreachable", 503: "unreachable", 504: "no_answer" };

const FIELDS = { patient_mrn: ["mrn", "Write P and six digits, such as P000101."], query: ["query", "Write 1 to 2,000 characters."] };

/** Return what is to be said of PROBLEM: title, todo, whether asking again may help, and the field to correct. */
export function problemWords(problem) {
  const code = problem.code in PROBLEMS ? problem.code : (STATUSES[problem.status] ?? "unknown");
  const words = { ...PROBLEMS[code] };
  if (problem.retryAfter > 0 && words.again) {
    words.todo = words.todo.replace("Wait a moment", `Wait ${seconds(problem.retryAfter)}`);
  }
  const name = problem.errors?.[0]?.loc?.at(-1);
  if (code === "invalid_input" && name in FIELDS) {
    [words.field, words.word] = FIELDS[name];
  }
  return words;
}

/** Return the rule NAME, such as `red_flag.chest_pain:lowered`, in words. */
export function ruleWords(name) {
  const [plain, note] = name.split(":");
  const [kind, ...what] = plain.split(".");
  const words = [RULES[kind] ?? kind, what.join(" ")].filter(Boolean).join(": ");
  return note === "lowered" ? `${plainWords(words)} (told as absent or past, so it counts for less)` : plainWords(words);
}

/** Return NAME, an identifier of the service's, with blanks. */
export function plainWords(name) {
  return String(name).replaceAll("_", " ");
}

function seconds(count) {
  return count === 1 ? "a second" : `${count} seconds`;
}
