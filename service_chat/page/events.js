/** Server-sent events, read from the body of an answer: a browser's own reader of them cannot send a question. */

/** Yield {name, data} of each event in STREAM. */
export async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    yield* blocks.map(event);
  }
}

function event(block) {
  const found = { name: "message", data: [] };
  for (const line of block.split(/\r?\n/)) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (field === "event") {
      found.name = value;
    } else if (field === "data") {
      found.data.push(value);
    }
  }
  return { name: found.name, data: found.data.join("\n") };
}
