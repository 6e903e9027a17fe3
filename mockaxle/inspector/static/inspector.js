// Keeps the parts of a page marked data-live up to date, and adds buttons that copy code. Pages work without it.

const PAUSE_MS = 1000;

function follow(mark) {
  let source = null;
  let waiting = false;
  let again = false;

  async function refresh() {
    if (waiting) {
      again = true;
      return;
    }
    waiting = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
        location.reload();
        return;
      }
      if (answer.ok) replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // The server is away; the stream tries again, and the next entry refreshes the page.
    }
    setTimeout(() => {
      waiting = false;
      if (again) {
        again = false;
        refresh();
      }
    }, PAUSE_MS);
  }

  function start() {
    if (source) return;
    source = new EventSource(mark.dataset.stream);
    source.onopen = () => { mark.hidden = false; };
    source.onerror = () => { mark.hidden = true; };
    source.onmessage = refresh;
  }

  function stop() {
    if (source) source.close();
    source = null;
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      stop();
    } else {
      refresh();
      start();
    }
  });
  window.addEventListener("pagehide", stop);
  start();
}

function replace(page) {
  for (const part of document.querySelectorAll("[data-live][id]")) {
    const fresh = page.getElementById(part.id);
    const focused = document.activeElement;
    const isBusy = part.contains(focused) && focused.matches("input, select, button");
    if (!fresh || isBusy || fresh.innerHTML === part.innerHTML) continue;
    part.replaceChildren(...fresh.childNodes);
  }
}

function addCopyButton(block) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("code").textContent);
    button.textContent = "Copied";
  });
  block.append(button);
}

const mark = document.querySelector("[data-stream]");
if (mark && document.querySelector("[data-live]")) follow(mark);
if (navigator.clipboard) document.querySelectorAll(".code").forEach(addCopyButton);
