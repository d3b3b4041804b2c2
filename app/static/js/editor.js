// The posting editor: drafts keep themselves a second after the last change and on leaving a field; what is public
// is saved by hand, and the page asks before it is left with changes.
(() => {
  "use strict";

  const form = document.querySelector("form[data-editor]");
  if (!form) return;
  const source = form.querySelector("[data-autosave]");
  const status = document.getElementById("saved");
  const PAUSE = 1000;
  let changed = false;
  let sending = null;
  let leaving = false;
  let timer;

  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  const tellTime = () => {
    const time = status.querySelector("time[data-clock]");
    if (time) time.textContent = clock.format(new Date(time.dateTime));
  };
  const stopped = () => Boolean(form.querySelector("[data-stale]"));

  const send = async () => {
    changed = false;
    try {
      await htmx.ajax("POST", source.dataset.autosave, { source, target: "#saved", swap: "innerHTML" });
    } finally {
      sending = null;
      tellTime();
      if (!status.querySelector("[data-saved]")) changed = true;
    }
  };
  const save = () => {
    clearTimeout(timer);
    if (!source || !changed || sending || stopped() || leaving) return;
    status.replaceChildren("Saving …");
    sending = send().then(() => {
      if (changed && status.querySelector("[data-saved]")) wait();
    });
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  };
  const note = () => {
    changed = true;
    if (source) wait();
  };

  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("focusout", () => setTimeout(save));
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.target?.id === "questions") note();
  });

  // A save on its way moves the version on: what is handed in waits for it.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (sending) {
      event.preventDefault();
      const { submitter } = event;
      sending.finally(() => form.requestSubmit(submitter?.isConnected ? submitter : form.querySelector(`#${submitter?.id}`)));
    } else if (!event.submitter?.hasAttribute("hx-post")) {
      leaving = true;
    }
  });
  addEventListener("pageshow", () => {
    leaving = false;
  });
  addEventListener("beforeunload", (event) => {
    if (changed && !leaving) event.preventDefault();
  });
})();
