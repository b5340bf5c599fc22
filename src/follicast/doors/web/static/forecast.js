// The forecast's page: redraws as options change, refines in the background, and plays the scalp.
import { exchange, post, say } from "/static/page.js";
import { Scalp, read } from "/static/scalp.js";

const FEW_HAIRS = 20000; // enough for a phone; widths are scaled, so that the optical depth stays right
const SLOW_MS = 150; // a frame that takes longer is drawn with few hairs
let refinement = null, shown = null, playing = 0;

// --- the curves ---------------------------------------------------------------------------------------------

function listen(job, { result, state, trouble }) {
  const source = new EventSource(job.events);
  source.addEventListener("state", event => state?.(JSON.parse(event.data)));
  source.addEventListener("result", event => result?.(JSON.parse(event.data)));
  source.addEventListener("trouble", event => trouble?.(JSON.parse(event.data).detail));
  source.addEventListener("end", () => source.close());
  return source;
}

async function refine(root) {
  const holder = root.querySelector("#refining");
  if (!holder) return;
  const asked = JSON.parse(holder.dataset.work), bar = holder.querySelector("progress");
  refinement?.source?.close();
  if (refinement?.job) post(`/api/jobs/${refinement.job.id}/cancel`, {}).catch(() => {});
  refinement = null;
  if (Number(holder.dataset.draws) >= asked.draws) return;
  try {
    const job = await post("/api/forecasts", asked), mine = { job };
    refinement = mine;
    bar.hidden = false;
    mine.source = listen(job, {
      state: told => { bar.value = told.progress; },
      trouble: () => { bar.hidden = true; },
      result: async () => {
        if (refinement !== mine) return;
        refinement = null;
        const answer = await fetch(`${holder.dataset.here}/forecast?job=${job.id}`, { headers: { Accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const table = document.querySelector("#curves details")?.open;
        for (const id of ["curves", "draws", "hundred-cards"]) {
          const old = document.getElementById(id), fresh = page.getElementById(id);
          if (old && fresh) old.replaceWith(document.adoptNode(fresh));
        }
        const details = document.querySelector("#curves details");
        if (details && table) details.open = true;
        bar.hidden = true;
        document.body.dataset.refined = job.id;
      },
    });
  } catch { bar.hidden = true; } // the page's own draws stand as they are
}

function soon(root) {
  let wait = 0;
  for (const box of root.querySelectorAll("[data-sends-soon]"))
    box.addEventListener("change", () => {
      const most = 4, on = root.querySelectorAll("[data-sends-soon]:checked");
      if (on.length > most) { box.checked = false; return; }
      clearTimeout(wait);
      wait = setTimeout(() => box.form.requestSubmit(), 350);
    });
}

// --- the scalp ----------------------------------------------------------------------------------------------

const $ = id => document.getElementById(id);
const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function scalp() {
  const section = $("scalp");
  if (!section || section.dataset.wired) return;
  section.dataset.wired = "yes";
  const words = JSON.parse(section.dataset.words), months = JSON.parse(section.dataset.months);
  const last = months[months.length - 1];
  for (const id of ["time", "month"]) $(id).max = last;
  let month = 0, frame = 0, spent = [], few = matchMedia("(max-width: 48rem)").matches;

  function tell() {
    for (const [side, id] of [[0, "left-told"], [1, "right-told"]]) {
      const told = shown.numbers(side, month);
      $(id).textContent = filled(words.hairs, {
        n: Math.round(told.density_per_cm2), um: Math.round(told.mean_diameter_um), chtd: told.chtd_cm_per_cm2.toFixed(2),
      });
    }
  }

  function paint() {
    frame = 0;
    const before = performance.now();
    shown.draw(month);
    spent.push(performance.now() - before);
    if (spent.length > 600) spent = spent.slice(-300);
    section.scalp = { spent, uploads: shown.uploads, calls: shown.calls, strands: shown.head.strands };
  }

  function go(to, telling = true) {
    month = Math.max(0, Math.min(last, to));
    $("time").value = month;
    if (document.activeElement !== $("month")) $("month").value = Math.round(month);
    $("time").setAttribute("aria-valuetext", filled(words.month, { n: Math.round(month * 10) / 10 }));
    if (!shown) return;
    if (!frame) frame = requestAnimationFrame(paint);
    if (telling) tell();
  }

  function pause() {
    cancelAnimationFrame(playing);
    playing = 0;
    $("play").textContent = words.play;
    $("play").setAttribute("aria-pressed", "false");
    if (shown) tell();
  }

  function play() {
    if (playing) { pause(); return; }
    if (month >= last) month = 0;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) { // in steps that one asks for, not in motion
      go(months.find(m => m > month) ?? 0);
      return;
    }
    $("play").textContent = words.pause;
    $("play").setAttribute("aria-pressed", "true");
    let before = performance.now(), told = 0;
    const tick = now => {
      go(month + (now - before) / 1000 * last / 10, now - told > 250);
      if (now - told > 250) told = now;
      before = now;
      if (month >= last) pause(); else playing = requestAnimationFrame(tick);
    };
    playing = requestAnimationFrame(tick);
  }

  async function grow() {
    pause();
    const arms = [$("left").value, $("right").value];
    const both = arms[0] === arms[1] ? [arms[0]] : arms;
    $("stage").hidden = false;
    $("scalp-wait").hidden = false;
    $("scalp-wait").textContent = words.drawing;
    try {
      const job = await post("/api/scalps", {
        patient_id: section.dataset.patient, version: Number(section.dataset.version), arms: both, months,
        quantile: Number($("course").value), most: few ? FEW_HAIRS : null,
      });
      const done = await new Promise((yes, no) => listen(job, { result: told => yes(told.result), trouble: no }));
      await drawn(done, job, arms);
    } catch (trouble) {
      $("scalp-wait").textContent = `${words.failed}. ${trouble.message ?? trouble}`;
    }
  }

  async function drawn(done, job, arms) {
    const bytes = await (await fetch(done.link ?? `/api/scalps/${job.id}`)).arrayBuffer();
    const file = read(bytes), skin = file.head.skin.srgb;
    $("stage").style.setProperty("background-color", `rgb(${skin.join(" ")})`);
    $("stage").style.setProperty("aspect-ratio", `${2 * file.head.frame_mm[0]} / ${file.head.frame_mm[1]}`);
    const canvas = $("strands"), fresh = canvas.cloneNode();
    canvas.replaceWith(fresh); // a canvas keeps its context; another arm begins with a fresh one
    try {
      shown?.gl?.getExtension("WEBGL_lose_context")?.loseContext();
      shown = new Scalp(fresh, file, arms, months);
    } catch {
      shown = stills(file.head, arms, job.id);
    }
    shown.size();
    if (!few && shown.gl && Math.min(shown.frameMs(month), shown.frameMs(month)) > SLOW_MS) {
      few = true;
      await grow();
      return;
    }
    $("player").hidden = false;
    $("scalp-wait").textContent = filled(words.drawn, { n: file.head.strands.toLocaleString(document.documentElement.lang) });
    setTimeout(() => { $("scalp-wait").hidden = true; }, 3000);
    go(month);
    section.dataset.drawn = shown.gl ? "webgl2" : "stills";
    fresh.setAttribute("aria-label", `${$("left-told").textContent} · ${$("right-told").textContent}`);
  }

  // Without WebGL2: the server's own pictures of the months that were worked out.
  function stills(head, arms, job) {
    $("strands").hidden = true;
    $("stills").hidden = false;
    const step = (side, m) => {
      const name = m === 0 ? head.steps[0].name : `${arms[side]}:${m}`;
      return head.steps.findIndex(one => one.name === name);
    };
    const nearest = m => months.reduce((a, b) => (Math.abs(b - m) < Math.abs(a - m) ? b : a));
    const numbers = (side, m) => head.steps[step(side, nearest(m))];
    const images = arms.map(() => document.createElement("img"));
    $("stills").replaceChildren(...images);
    return {
      head, uploads: 0, calls: 0, numbers, size() {},
      draw(m) {
        images.forEach((image, side) => {
          const link = `/api/scalps/${job}/pictures/${step(side, nearest(m))}.png`;
          if (image.getAttribute("src") !== link) image.src = link;
          image.alt = `${words.stills} ${$(side ? "right" : "left").selectedOptions[0].textContent}, ${filled(words.month, { n: nearest(m) })}`;
        });
      },
    };
  }

  $("grow").addEventListener("click", grow);
  for (const id of ["left", "right", "course"]) $(id).addEventListener("change", () => { if (shown) grow(); });
  $("time").addEventListener("input", () => { if (playing) pause(); go(Number($("time").value)); });
  $("month").addEventListener("input", () => { if (playing) pause(); go(Number($("month").value) || 0); });
  $("back").addEventListener("click", () => { pause(); go(Math.ceil(month) - 1); say(filled(words.month, { n: month })); });
  $("on").addEventListener("click", () => { pause(); go(Math.floor(month) + 1); say(filled(words.month, { n: month })); });
  $("play").addEventListener("click", play);
  $("stage").tabIndex = 0;
  $("stage").setAttribute("role", "group");
  $("stage").setAttribute("aria-label", section.querySelector("h2").textContent);
  $("stage").addEventListener("keydown", event => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: 6, PageDown: -6 }[event.key];
    if (event.key === " ") play();
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(last);
    else if (step) { pause(); go(Math.round(month) + step); }
    else return;
    event.preventDefault();
  });
  addEventListener("resize", () => { if (shown) { shown.size(); go(month); } });
}

function all(root) { soon(root); refine(root); scalp(); }
document.addEventListener("wired", event => { if (event.target.id === "consult") { shown = null; all(event.target); } });
all(document);
