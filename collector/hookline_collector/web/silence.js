// Silences: the form is filled by the link of a message (?matcher=...), the list by the API. Nothing is inserted as HTML.

const byId = (id) => document.getElementById(id);

async function ask(method, path, body) {
  const headers = { Accept: "application/json", ...(body ? { "Content-Type": "application/json" } : {}) };
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told;
}

function say(state, text) {
  byId("said").dataset.state = state;
  byId("said").textContent = text;
}

async function refresh() {
  const { silences } = await ask("GET", "/api/v1/silences");
  const items = silences.map(item);
  byId("silences").replaceChildren(...(items.length ? items : [none("Nothing is silenced.")]));
}

function item(silence) {
  const row = document.createElement("li");
  const line = document.createElement("div");
  line.className = "line";
  const matchers = document.createElement("code");
  matchers.textContent = silence.matchers.join(", ");
  const end = document.createElement("button");
  end.type = "button";
  end.textContent = "End";
  end.addEventListener("click", () => attempt(() => ask("DELETE", `/api/v1/silences/${encodeURIComponent(silence.silence_id)}`), "It is over."));
  line.append(matchers, end);
  const note = document.createElement("p");
  note.className = "note";
  note.textContent = `${silence.comment}, by ${silence.created_by}, until ${new Date(silence.end).toLocaleString()}`;
  row.append(line, note);
  return row;
}

function none(text) {
  const row = document.createElement("li");
  row.className = "none";
  row.textContent = text;
  return row;
}

async function attempt(work, done) {
  try {
    await work();
    say("good", done);
  } catch (why) {
    say("bad", why.message);
  }
  await refresh();
}

byId("matchers").value = new URLSearchParams(location.search).getAll("matcher").join("\n");
byId("add").addEventListener("click", () =>
  attempt(
    () =>
      ask("POST", "/api/v1/silences", {
        matchers: byId("matchers").value.split("\n").filter((line) => line.trim()),
        duration_s: Number(byId("length").value),
        created_by: byId("by").value,
        comment: byId("comment").value,
      }),
    "Silenced.",
  ),
);
refresh().catch((why) => say("bad", why.message));
