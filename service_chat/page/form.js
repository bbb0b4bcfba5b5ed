/** The patient and the question, as they are entered. */

const LONGEST = 2000;
const MRN = /^P[0-9]{6}$/;
const LONG = new Intl.NumberFormat("en").format(LONGEST);

const mrn = document.getElementById("mrn");
const query = document.getElementById("query");
const count = document.getElementById("query-count");
const personas = document.querySelectorAll(".personas input");

/** Return what is entered, or null once a field is marked and focused that must be corrected. */
export function entered() {
  const found = { mrn: mrn.value.trim().toUpperCase(), query: query.value.trim() };
  mark("query", wrongQuery(found.query));
  mark("mrn", MRN.test(found.mrn) ? "" : "Write P and six digits, such as P000101.");
  const wrong = [mrn, query].find((field) => field.getAttribute("aria-invalid") === "true");
  wrong?.focus();
  // On a phone the field may fill the screen, and the words that tell what is wrong with it would lie outside.
  wrong && document.getElementById(`${wrong.id}-error`).scrollIntoView({ block: "nearest" });
  return wrong ? null : found;
}

/** Say WORDS of what is wrong in the field NAME; none when WORDS is empty. */
export function mark(name, words) {
  const field = document.getElementById(name);
  document.getElementById(`${name}-error`).textContent = words;
  words ? field.setAttribute("aria-invalid", "true") : field.removeAttribute("aria-invalid");
}

/** Focus the field NAME. */
export function focus(name) {
  document.getElementById(name).focus();
}

/** Enter the patient NUMBER and QUESTION. */
export function enter(number, question) {
  mrn.value = number;
  query.value = question;
  changed();
}

/** Empty the question, unless it is no longer QUESTION: somebody began the next one. */
export function done(question) {
  if (query.value.trim() === question) {
    query.value = "";
    changed();
  }
}

function wrongQuery(text) {
  if (text === "") {
    return "Write a question first.";
  }
  const over = length(text) - LONGEST;
  return over > 0 ? `Shorten it by ${over === 1 ? "one character" : `${over} characters`}.` : "";
}

/** Return the length of TEXT as the service counts it: by characters, not by UTF-16 units. */
function length(text) {
  return Array.from(text).length;
}

function changed() {
  const used = length(query.value.trim());
  count.textContent = `${new Intl.NumberFormat("en").format(used)} of ${LONG} characters`;
  count.classList.toggle("over", used > LONGEST);
  const number = mrn.value.trim().toUpperCase();
  for (const each of personas) {
    each.checked = each.value === number;
  }
  document.getElementById("about").textContent = MRN.test(number) ? ` about ${number}` : "";
}

for (const field of [mrn, query]) {
  field.addEventListener("input", () => {
    mark(field.id, "");
    changed();
  });
}
for (const each of personas) {
  each.addEventListener("change", () => {
    mrn.value = each.value;
    mark("mrn", "");
    changed();
  });
}
// A browser that brings back what was entered before would bring back a patient.
enter("", "");
