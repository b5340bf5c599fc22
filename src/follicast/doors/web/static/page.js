// What every page does with scripts: forms are sent without a reload where a part of the page is all that changes.

export const token = () => document.querySelector("meta[name=csrf]")?.content ?? "";

export function say(words) {
  const line = document.getElementById("said");
  line.textContent = "";
  // Cleared first, so that the same words said again are read again.
  requestAnimationFrame(() => { line.textContent = words.replace(/\s+/g, " ").trim(); });
}

export async function post(address, body) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token(), Accept: "application/json" };
  const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.detail ?? answer.statusText);
  return told;
}

// A part is exchanged for the same part of the page that a form's answer is; focus and open details stay.
export function exchange(id, page) {
  const old = document.getElementById(id), fresh = page.getElementById(id);
  if (!old || !fresh) return false;
  const held = document.activeElement?.closest("[id]")?.id;
  const open = [...old.querySelectorAll("details[data-keeps]")].map(one => [one.dataset.keeps, one.open]);
  old.replaceWith(document.adoptNode(fresh));
  for (const [key, was] of open) {
    const one = fresh.querySelector(`details[data-keeps="${CSS.escape(key)}"]`);
    if (one) one.open = was;
  }
  wire(fresh);
  const there = (held && fresh.querySelector(`#${CSS.escape(held)}`)) || null;
  return there ?? fresh;
}

const latest = {}; // by part: the request whose answer counts; an earlier one that comes late is let go

async function send(form, submitter) {
  const part = form.dataset.swaps, address = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  const body = new FormData(form, submitter);
  const kept = submitter?.closest(".asked")?.id;
  form.setAttribute("aria-busy", "true");
  const turn = latest[part] = (latest[part] ?? 0) + 1;
  let text;
  try {
    const headers = { Accept: "text/html", "X-CSRF-Token": token() };
    text = await (await fetch(address, { method: "POST", body, headers })).text();
  } catch {
    if (latest[part] === turn) form.submit();
    return;
  }
  if (latest[part] !== turn) return;
  const page = new DOMParser().parseFromString(text, "text/html");
  const there = exchange(part, page);
  if (!there) { document.open(); document.write(page.documentElement.outerHTML); document.close(); return; }
  const told = document.querySelector(`#${part} [role=alert]`) ?? document.querySelector(`#${part} [data-announce]`);
  if (told) say(told.textContent);
  const aim = (told?.getAttribute("role") === "alert" && told)
    || (kept && document.querySelector(`#${CSS.escape(kept)} input:not([type=hidden])`))
    || (form.classList.contains("question") && document.getElementById("next"))
    || (there.id && there.matches?.("input,select,button,a,h2,h3") ? there : null)
    || document.getElementById("next") || document.getElementById(part);
  if (!aim.hasAttribute("tabindex") && !aim.matches("input,select,button,a")) aim.tabIndex = -1;
  aim.focus({ preventScroll: Boolean(kept) });
}

function wire(root) {
  for (const form of root.querySelectorAll("form[data-swaps]"))
    form.addEventListener("submit", event => { event.preventDefault(); send(form, event.submitter); });
  for (const field of root.querySelectorAll("[data-sends]"))
    field.addEventListener("change", () => field.form.requestSubmit());
  for (const one of root.querySelectorAll("[data-unscripted]")) one.hidden = true;
  for (const one of root.querySelectorAll("[data-scripted]")) one.hidden = false;
  for (const one of root.querySelectorAll("[data-prints]"))
    one.addEventListener("click", () => (document.getElementById(one.dataset.prints)?.contentWindow ?? window).print());
  root.dispatchEvent(new CustomEvent("wired", { bubbles: true }));
}

// Y and N answer the question that stands first, unless one is writing.
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input,select,textarea")) return;
  const button = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (button) { event.preventDefault(); button.click(); }
});

wire(document);
