// Photographs: the last one shines through the finder as a ghost; two are compared by a line that one moves.
const $ = id => document.getElementById(id);

// --- then and now -------------------------------------------------------------------------------------------
const cut = $("cut");
if (cut) {
  const show = () => $("compare").style.setProperty("--cut", `${cut.value}%`);
  cut.addEventListener("input", show);
  $("compare").addEventListener("pointermove", event => {
    if (!event.buttons) return;
    const box = $("compare").getBoundingClientRect();
    cut.value = Math.round(100 * Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)));
    show();
  });
  show();
}

// --- the finder ---------------------------------------------------------------------------------------------
const form = $("shoot");
if (form) {
  const finder = $("finder"), video = $("video"), preview = $("preview"), ghost = $("ghost"), file = $("shot");
  let stream = null;
  const open = () => { finder.hidden = false; if ($("ghostly")) $("ghostly").hidden = false; };
  const close = () => { stream?.getTracks().forEach(track => track.stop()); stream = null; video.hidden = true; $("snap").hidden = true; };

  $("fade")?.addEventListener("input", () => finder.style.setProperty("--ghost", $("fade").value / 100));

  // The ghost is the last photograph of the same site; of another site it would lead astray.
  const haunt = () => {
    if (!ghost) return;
    const kept = ghost.dataset.sites.trim().split(" ").map(one => one.split("=")).filter(([site]) => site === $("site").value);
    ghost.hidden = kept.length === 0;
    if (kept.length) ghost.src = `/api/photographs/${kept[kept.length - 1][1]}`;
  };
  $("site").addEventListener("change", haunt);
  haunt();

  $("camera").addEventListener("click", async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 2560 } } });
      video.srcObject = stream;
      await video.play();
      open();
      video.hidden = false;
      preview.hidden = true;
      $("snap").hidden = false;
      $("snap").focus();
    } catch (trouble) {
      $("no-camera").textContent = trouble.message;
    }
  });

  $("snap").addEventListener("click", () => {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob(blob => {
      const held = new DataTransfer();
      held.items.add(new File([blob], "scalp.jpg", { type: "image/jpeg" }));
      file.files = held.files;
      close();
      file.dispatchEvent(new Event("change"));
    }, "image/jpeg", 0.92);
  });

  file.addEventListener("change", () => {
    if (!file.files.length) return;
    preview.src = URL.createObjectURL(file.files[0]);
    preview.hidden = false;
    open();
  });
  addEventListener("pagehide", close);
}
