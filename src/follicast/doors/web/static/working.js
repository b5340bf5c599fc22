// Waits for long work and goes on by itself when it is done.
const bar = document.getElementById("bar");
if (bar) {
  const source = new EventSource(bar.dataset.events);
  source.addEventListener("state", event => { bar.value = JSON.parse(event.data).progress; });
  source.addEventListener("end", () => { source.close(); location.reload(); });
}
