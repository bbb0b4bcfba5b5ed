/** The one request of the page. */

import { events } from "./events.js";
import { LEVELS } from "./words.js";

// The service gives up after 20 seconds; what takes longer is lost on the way.
const PATIENCE_MS = 30_000;

/**
 * Ask QUERY about MRN. Return {answer} or {problem: {code, status, trace_id, errors, retryAfter}}; never throw.
 *
 * What the rules say comes before the words of a model do: it is handed to
 * HEARD.assessment, and each piece of the words to HEARD.delta. The trace id is
 * made here, so that there is one to tell even when nothing comes back.
 */
export async function ask(mrn, query, signal, heard) {
  const trace = traceId();
  const problem = (code, more) => ({ problem: { code, trace_id: trace, ...more } });
  let response;
  let told = null;
  try {
    response = await fetch("triage/stream", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream", "X-Trace-Id": trace },
      body: JSON.stringify({ patient_mrn: mrn, query }),
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    if (response.ok && response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
      return (await streamed(response.body, heard)) ?? problem("broken_off");
    }
    told = parsed(await response.text());
  } catch (error) {
    if (error.name === "TimeoutError") {
      return problem("no_answer");
    }
    return problem(navigator.onLine ? "unreachable" : "offline");
  }
  if (response.ok) {
    return readable(told) ? { answer: told } : problem("unreadable");
  }
  return problem(told?.code ?? "", {
    status: response.status,
    errors: told?.errors,
    retryAfter: Number(response.headers.get("Retry-After")),
    trace_id: told?.trace_id ?? response.headers.get("X-Trace-Id") ?? trace,
  });
}

/** Pass on the events of STREAM; return what ends it, null when it just breaks off. */
async function streamed(stream, heard) {
  for await (const { name, data } of events(stream)) {
    const part = parsed(data);
    if (name === "assessment" && Object.hasOwn(LEVELS, part?.urgency)) {
      heard.assessment(part);
    } else if (name === "delta") {
      heard.delta(part?.text ?? "");
    } else if (name === "answer" && readable(part)) {
      return { answer: part };
    } else if (name === "problem") {
      return { problem: { ...part, retryAfter: 0 } };
    }
  }
  return null;
}

function traceId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function parsed(text) {
  try {
    const found = JSON.parse(text);
    return typeof found === "object" ? found : null;
  } catch {
    return null;
  }
}

/** Return whether ANSWER has what must not be missing: a level this page knows, and what to do. */
function readable(answer) {
  return (
    Object.hasOwn(LEVELS, answer?.urgency) && typeof answer.next_step === "string" && typeof answer.response === "string"
  );
}
